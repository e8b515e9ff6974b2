import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// Readers give the same whatever way the bytes were split. No sockets.
@Suite struct ReaderTests {
    private func requests(_ text: String, pieces size: Int) -> [String] {
        let bytes = Array(text.utf8)
        let parser = RequestHead()
        var reader = RequestReader()
        var input = InputBuffer()
        var found: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            input.append(bytes[start..<min(start + size, bytes.count)])
            reading: while true {
                switch reader.next(&input, parser: parser, limits: HTTPServerLimits(), peer: .none) {
                case .needMore: break reading
                case .wantsContinue: found.append("continue")
                case .refused(let status, _): return found + ["\(status)"]
                case .request(let request):
                    found.append("\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))")
                    reader = RequestReader()
                }
            }
        }
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func requestsAreReadHoweverTheyAreSplit(_ size: Int) {
        let text =
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
            + "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n1\r\nd\r\n0\r\n\r\n"
            + "PUT /c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nbar"
            + "GET /d HTTP/1.1\r\n\r\n"
        #expect(requests(text, pieces: size) == ["get /a ", "post /b food", "put /c bar", "400"])
    }

    @Test(arguments: [1, 2, 5, 1000])
    func aResponseIsReadHoweverItIsSplit(_ size: Int) {
        let text =
            "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nfoo\r\n3\r\nbar\r\n0\r\nT: x\r\n\r\nrest"
        let bytes = Array(text.utf8)
        var reader = ResponseReader(method: .get, limits: HTTP1Limits())
        let parser = ResponseHead()
        var input = InputBuffer()
        var body = ""
        var status = 0
        var ended = false
        for start in stride(from: 0, to: bytes.count, by: size) {
            input.append(bytes[start..<min(start + size, bytes.count)])
            reading: while !ended {
                switch input.bytes.withUnsafeBytes({ reader.next($0, parser: parser) }) {
                case .needMore: break reading
                case .skip(let count): input.consume(count)
                case .head(let head, let length):
                    status = head.status
                    #expect(head.fields["a"] == "b")
                    input.consume(length)
                case .data(let range):
                    body += String(decoding: input.bytes[range], as: UTF8.self)
                    input.consume(range.upperBound)
                case .end(let count):
                    input.consume(count)
                    ended = true
                case .invalid(let reason): Issue.record("\(reason)"); return
                }
            }
        }
        #expect(status == 200 && body == "foobar" && ended && reader.keepsAlive)
        #expect(input.bytes == Array("rest".utf8))
    }

    @Test func queriesAreEscapedAndRead() {
        let parameters = [("labelSelector", "a in (b,c),d=e f"), ("continue", "x+/=%&"), ("empty", "")]
        let text = HTTPQuery.encode(parameters.map { (name: $0.0, value: $0.1) })
        #expect(text == "labelSelector=a%20in%20%28b%2Cc%29%2Cd%3De%20f&continue=x%2B%2F%3D%25%26&empty=")
        let read = HTTPQuery.decode(text)
        #expect(read.map(\.name) == parameters.map(\.0) && read.map(\.value) == parameters.map(\.1))
        #expect(HTTPQuery.decode("a=b+c&d&&%zz=%4").map { "\($0.name)=\($0.value)" } == ["a=b c", "d=", "%zz=%4"])
        #expect(HTTPQuery.decode("").isEmpty)
    }
}
