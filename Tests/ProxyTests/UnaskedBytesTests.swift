import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// Bytes that an endpoint sends and nobody has asked for: they are no answer to the next request, whosever that is.
@Suite struct UnaskedBytesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        /// What the endpoint says to the first request.
        var answer: String
        var status: String
        var body = ""

        var testDescription: String { name }
    }

    static let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

    static let cases = [
        Case(
            name: "behind a body of known length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            status: "200",
            body: "ok"),
        Case(
            name: "behind the last chunk",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", status: "200",
            body: "2\r\nok\r\n0\r\n\r\n"),
        Case(
            name: "behind trailers",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n", status: "200",
            body: "0\r\nX-Sum: 1\r\n\r\n"),
        Case(
            name: "behind the answer to HEAD", method: "HEAD",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: \(forged.utf8.count)\r\n\r\n", status: "200"),
        Case(
            name: "behind the chunked answer to HEAD", method: "HEAD",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", status: "200"),
        Case(name: "behind 204", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: "204"),
        Case(
            name: "behind 204 with a length", answer: "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\n",
            status: "204"),
        Case(
            name: "behind 304 with a length",
            answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: \(forged.utf8.count)\r\n\r\n", status: "304"),
        Case(
            name: "behind interim answers and one of no length",
            answer:
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            status: "200"),
        Case(
            name: "an interim answer behind the final one",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", status: "200"),
        Case(
            name: "a line end behind the answer", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\r\n",
            status: "200"),
    ]

    /// - Parameters:
    ///   - isLate: they come once the client has its answer, when the connection is in its pool.
    ///   - isPipelined: the next request is there already.
    @Test(arguments: cases, [(false, false), (false, true), (true, false)])
    func theNextRequestGetsItsOwnAnswer(_ test: Case, _ order: (isLate: Bool, isPipelined: Bool)) throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        let second = "GET /app/second HTTP/1.1\r\nHost: a\r\n\r\n"
        try client.send("\(test.method) /app HTTP/1.1\r\nHost: a\r\n\r\n" + (order.isPipelined ? second : ""))
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try endpoint.send(test.answer + (order.isLate ? "" : Self.forged))
        var head = try client.takeHead()
        while head.hasPrefix("HTTP/1.1 1") { head = try client.takeHead() }
        #expect(head.hasPrefix("HTTP/1.1 \(test.status)"))
        #expect(try client.take(test.body.utf8.count) == test.body)
        if order.isLate {
            // Unless what came with the answer has ended the connection already.
            try? endpoint.send(Self.forged)
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
        }
        if !order.isPipelined { try client.send(second) }
        let other = try server.accept()
        #expect(try other.takeHead().hasPrefix("GET /app/second"))
        try other.send("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nmine")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 201"))
        #expect(try client.take(4) == "mine")
        try endpoint.awaitEnd()
    }

    @Test(arguments: ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", ""])
    func anInterimAnswerThatAnnouncesContentEndsItsConnection(_ field: String) throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try endpoint.send(
            "HTTP/1.1 103 Early Hints\r\n\(field)\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let interim = try client.takeHead()
        #expect(interim.hasPrefix("HTTP/1.1 103") && !interim.contains(":"))
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        try client.send("GET /app/second HTTP/1.1\r\nHost: a\r\n\r\n")
        let next = field.isEmpty ? endpoint : try server.accept()
        #expect(try next.takeHead().hasPrefix("GET /app/second"))
    }

    @Test func anAnswerThatIsThereBeforeTheRequestIsNone() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        let posting = "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
        try client.send(posting + "hi")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        #expect(try endpoint.take(2) == "hi")
        // One read of the worker's brings both answers, though the second request is on its way.
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + Self.forged)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        try client.send(posting + "ho")
        let other = try server.accept()
        _ = try other.takeHead()
        #expect(try other.take(2) == "ho")
        try other.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 201"))
    }

    /// The kernel tells of 256 sockets at a time: what it has not told of a pooled connection is asked for before a
    /// request takes it.
    @Test func aPooledConnectionIsNotTakenOnWhichSomethingHasComeThatNoEventHasToldYet() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshot = TestPlan(endpoints: [server.port]).gateway()
        let worker = proxy.worker
        worker.snapshots.adopt(snapshot)
        worker.pools.reserve(endpoints: 4)
        let address = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        guard case .opened(let index) = worker.openUpstream(.endpoint(0), address: address, for: .gateway) else {
            Issue.record("no connection")
            return
        }
        let endpoint = try server.accept()
        worker.putIdle(index)
        try endpoint.send(Self.forged)
        #expect(eventually { Socket.isReadable(worker.connections[index].pointee.fd) })
        worker.hasUnseenEvents = true
        #expect(worker.takeIdle(.endpoint(0), address: address) == nil)
        try endpoint.awaitEnd()
    }
}
