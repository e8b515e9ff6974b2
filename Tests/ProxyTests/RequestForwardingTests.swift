import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy

/// Requests through a whole worker over loopback: what the endpoint is sent, and what the client gets back.
@Suite struct RequestForwardingTests {
    @Test func aRequestInPiecesByteByByteIsOneRequest() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        for byte in "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody".utf8 { try client.send([byte]) }
        let endpoint = try server.accept()
        let head = try endpoint.takeHead()
        #expect(head.hasPrefix("POST /app HTTP/1.1\r\n"))
        #expect(try endpoint.take(4) == "body")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try client.take(2) == "ok")
    }

    @Test func aChunkedRequestStaysFramedForTheEndpoint() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(
            "POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-end: 1\r\n\r\n")
        let endpoint = try server.accept()
        let head = try endpoint.takeHead().lowercased()
        #expect(head.components(of: "transfer-encoding: chunked\r\n") == 1)
        #expect(!head.contains("content-length"))
        #expect(try endpoint.take(10) == "5\r\nhello\r\n")
        #expect(try endpoint.takeHead() == "0\r\nx-end: 1\r\n\r\n")
        try endpoint.send("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 204"))
        // The connection serves on: framing was understood by everybody in the same way.
        try client.send("GET /app/next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try endpoint.takeHead().hasPrefix("GET /app/next HTTP/1.1\r\n"))
    }

    @Test func anAbsoluteTargetWithoutPathAsksForTheAsterisk() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan("/", endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("OPTIONS http://example.com HTTP/1.1\r\nHost: other\r\n\r\n")
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().hasPrefix("OPTIONS * HTTP/1.1\r\nhost: example.com\r\n"))
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(
            "GET /app/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\nGET /app/2 HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().hasPrefix("GET /app/1 "))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
        #expect(try endpoint.takeHead().hasPrefix("GET /app/2 "))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        #expect(try client.take(1) == "1")
        let refusal = try client.takeHead()
        #expect(refusal.hasPrefix("HTTP/1.1 404"))
        _ = try client.take("no route matches this request\n".utf8.count)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        #expect(try client.take(1) == "2")
    }

    @Test func pipelinedRefusalsWaitForAClientThatDoesNotRead() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client(receiveBuffer: 4096)
        let request = Array("GET /none HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        try client.send(request)
        let length = try client.takeHead().utf8.count + client.take(30).utf8.count
        // Many more answers than a connection may keep and the sockets hold; none is read before nothing more can be
        // sent.
        let count = 60_000
        let all = [UInt8](repeatingElements: request, count: count)
        var sent = 0
        var received = 0
        while received < count * length {
            if sent < all.count, client.isWritableNow {
                sent += client.sendUntilFull(Array(all[sent..<min(sent + 65536, all.count)]), limit: 1)
            } else {
                guard try client.read(until: { !$0.isEmpty }) else { break }
                received += client.takePending().count
            }
        }
        #expect(received == count * length)
    }

    @Test func aSlowReaderGetsAllOfALargeResponse() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client(receiveBuffer: 2048)
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        let size = 10 << 20
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
        let chunk = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = try client.takeHead()
        var left = size
        var received = 0
        while received < size {
            if left > 0 { left -= endpoint.sendUntilFull(Array(chunk.prefix(min(left, chunk.count))), limit: 1) }
            if try client.read(until: { !$0.isEmpty }) == false { break }
            received += client.takePending().count
        }
        #expect(received == size)
    }

    @Test func aLargeRequestReachesASlowEndpointWhole() throws {
        let server = try TestServer(receiveBuffer: 2048)
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        let size = 10 << 20
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        let chunk = [UInt8](repeating: 7, count: 65536)
        var left = size
        var received = 0
        while received < size {
            if left > 0 { left -= client.sendUntilFull(Array(chunk.prefix(min(left, chunk.count))), limit: 1) }
            if try endpoint.read(until: { !$0.isEmpty }) == false { break }
            received += endpoint.takePending().count
        }
        #expect(received == size)
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
    }

    @Test func anAnswerBeforeTheBodyEndedReachesTheClientAndTheRestTheEndpoint() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        #expect(try endpoint.take(4) == "half")
        try endpoint.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 413"))
        #expect(try client.take(3) == "big")
        // The endpoint reads on, and both connections serve the next request.
        try client.send(String(repeating: "x", count: 996) + "GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try endpoint.take(996) == String(repeating: "x", count: 996))
        #expect(try endpoint.takeHead().hasPrefix("GET /app "))
        try endpoint.send("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 204"))
    }

    @Test func interimResponsesReachTheClientBeforeTheBody() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().lowercased().contains("expect: 100-continue\r\n"))
        try endpoint.send("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 100 "))
        try client.send("body")
        #expect(try endpoint.take(4) == "body")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
    }

    @Test func aHeadResponseHasNoBodyAndKeepsBothConnections() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        #expect(try client.takeHead().lowercased().contains("content-length: 1000\r\n"))
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try endpoint.takeHead().hasPrefix("GET /app "))
    }

    @Test func anOldClientGetsAnUnchunkedBodyAndTheEndOfTheConnection() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("GET /app HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().hasPrefix("GET /app HTTP/1.1\r\n"))
        try endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        let answer = try client.takeText().lowercased()
        #expect(!answer.contains("transfer-encoding"))
        #expect(answer.hasSuffix("\r\n\r\nabc"))
    }

    @Test func anOldClientIsNeverLeftWaitingAfterALocalAnswer() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("GET /none HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        // Nothing in the answer promises to keep the connection, so it must end.
        #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
    }

    @Test func whatTellsOfAppliedRoutesIsStrippedAndTheClientsAddressIsOurs() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(
            "GET /app HTTP/1.1\r\nHost: a.example\r\nWeir-Routed: mesh x\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: x-drop\r\n"
                + "X-Drop: 1\r\nX-Keep: 2\r\nTE: trailers\r\nKeep-Alive: 5\r\n\r\n")
        let endpoint = try server.accept()
        let head = try endpoint.takeHead().lowercased()
        for gone in ["weir-routed", "6.6.6.6", "x-drop", "te:", "keep-alive", "connection"] {
            #expect(!head.contains(gone))
        }
        #expect(head.contains("x-keep: 2\r\n"))
        #expect(head.contains("x-forwarded-for: 127.0.0.1\r\n"))
        #expect(head.contains("x-forwarded-host: a.example\r\n"))
        #expect(head.contains("x-forwarded-proto: http\r\n"))
    }

    @Test func aRewriteOfANormalisedPathKeepsItsQuery() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        var plan = TestPlan(endpoints: [server.port])
        plan.add(
            "/old", .forward([PlannedBackend(target: .backend(0), weight: 1)]),
            rewrite: URLRewrite(hostname: "new.example", path: .replacePrefixMatch("/new")))
        try proxy.start(plan.gateway())
        let client = try proxy.client()
        try client.send("GET //old/./x/../y?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        let endpoint = try server.accept()
        let head = try endpoint.takeHead()
        #expect(head.hasPrefix("GET /new/y?q=1 HTTP/1.1\r\nhost: new.example\r\n"))
        #expect(head.lowercased().components(of: "\r\nhost:") == 1)
    }
}

extension String {
    /// How often a text occurs.
    func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

extension Array where Element == UInt8 {
    init(repeatingElements elements: [UInt8], count: Int) {
        self = []
        reserveCapacity(elements.count * count)
        for _ in 0..<count { append(contentsOf: elements) }
    }
}
