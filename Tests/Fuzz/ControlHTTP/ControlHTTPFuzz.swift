internal import HTTP
internal import Reactor

@testable internal import ControlHTTP

/// Pure entries for fuzzing what the servers that tell of a process are sent, and what an API server answers. Each
/// takes any bytes and returns the invariants that they broke: nothing, if all is well.
package enum ControlHTTPFuzz {
    private static let steps = [1, 7, 64]

    /// Small, so that a text that asks for too much is met often.
    private static var limits: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.headBytes = 512
        limits.bodyBytes = 64
        return limits
    }

    // MARK: Requests

    package static func requests(_ bytes: [UInt8]) -> [String] {
        let whole = read(bytes, step: max(1, bytes.count))
        var broken = steps.filter { read(bytes, step: $0) != whole }.map { "in steps of \($0) they are others" }
        if whole.contains(where: { $0.utf8.count > 8192 }) { broken.append("more than the limits allow") }
        return broken
    }

    /// The requests as text, and why the last is none.
    private static func read(_ bytes: [UInt8], step: Int) -> [String] {
        let parser = RequestHead()
        var reader = RequestReader()
        var input = InputBuffer()
        var read: [String] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            input.append(bytes[start..<min(bytes.count, start + step)])
            reading: while true {
                switch reader.next(&input, parser: parser, limits: limits, peer: .none) {
                case .needMore: break reading
                case .wantsContinue: continue
                case .request(let request):
                    read.append("\(request.method) \(request.path) \(request.query) \(request.fields) \(request.body)")
                    reader = RequestReader()
                case .refused(let status, let reason): return read + ["\(status) \(reason)"]
                }
            }
        }
        return read
    }

    // MARK: Responses

    package static func response(_ bytes: [UInt8]) -> [String] {
        [HTTPMethod.get, .head].flatMap { method in
            let whole = answer(bytes, to: method, step: max(1, bytes.count))
            return steps.filter { answer(bytes, to: method, step: $0) != whole }.map {
                "in steps of \($0) it is another"
            }
        }
    }

    private struct Answer: Equatable {
        var words: [String] = []
        var body: [UInt8] = []
    }

    private static func answer(_ bytes: [UInt8], to method: HTTPMethod, step: Int) -> Answer {
        let parser = ResponseHead()
        var reader = ResponseReader(method: method, limits: HTTP1Limits(), upgrade: "echo")
        var answer = Answer()
        var (position, end) = (0, 0)
        while true {
            let next = bytes[position..<end].withUnsafeBytes { reader.next($0, parser: parser) }
            switch next {
            case .needMore:
                guard end < bytes.count else { return answer }
                end = min(bytes.count, end + step)
            case .skip(let count): position += count
            case .head(let head, let length):
                answer.words.append("\(head.status) \(head.fields)")
                position += length
            case .data(let range):
                answer.body += bytes[(position + range.lowerBound)..<(position + range.upperBound)]
                position += range.upperBound
            case .end:
                answer.words.append("whole")
                return answer
            case .invalid(let reason):
                answer.words.append(reason)
                return answer
            }
        }
    }

    // MARK: Queries

    package static func query(_ bytes: [UInt8]) -> [String] {
        let decoded = HTTPQuery.decode(String(decoding: bytes, as: UTF8.self))
        let again = HTTPQuery.decode(HTTPQuery.encode(decoded))
        let isSame = again.elementsEqual(decoded) { $0 == $1 }
        return isSame ? [] : ["writing and reading changes it"]
    }
}
