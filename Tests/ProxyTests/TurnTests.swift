import Glibc
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// No connection keeps a worker to itself: each direction of each sort of traffic is served a turn at a time.
@Suite struct TurnTests {
    /// What one read brings, so small that sockets hold many of them.
    private static let readBytes = 1024
    private static let turn = Worker.stepsPerTurn * readBytes
    private static let total = 3 * turn

    private let server: TestServer
    private let proxy: TestProxy
    private let snapshot: Snapshot
    private let client: Peer
    private let index: Int32

    /// A client at the inbound door, on its way to the server; the worker runs on the test's thread until
    /// `proxy.start`.
    init() throws {
        server = try TestServer()
        proxy = try TestProxy(readBytes: Self.readBytes)
        snapshot = TestPlan(endpoints: [server.port]).inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        var admitted: Int32 = -1
        client = try proxy.admit(.inbound, destination: destination, snapshot) {
            $0.beginDetection($1)
            admitted = $1
        }
        index = admitted
    }

    private func awaitArrival(of count: Int, at index: Int32) {
        let fd = proxy.worker.connections[index].pointee.fd
        var room = [UInt8](repeating: 0, count: count)
        #expect(eventually { recv(fd, &room, count, Int32(MSG_PEEK)) == count })
    }

    /// Sends the server what opens the way to it, and returns the server's side once it has come there.
    private func open(_ bytes: [UInt8]) throws -> Peer {
        try client.send(bytes)
        try proxy.step { server.hasVisitor }
        let endpoint = try server.accept()
        try proxy.step {
            endpoint.readAvailable()
            return !endpoint.pending.isEmpty
        }
        return endpoint
    }

    /// Three turns' worth of bytes wait at the worker's socket `index`: the first turn passes on its part and no more,
    /// and the connection is queued for the others.
    private func expectTurns(from sender: Peer, at index: Int32, to receiver: Peer) throws {
        let bytes = (0..<Self.total).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try sender.send(bytes)
        awaitArrival(of: bytes.count, at: index)
        let connection = proxy.worker.connections[index]
        connection.pointee.flags.insert(.readable)
        if connection.pointee.role == .client {
            proxy.worker.serveClient(index)
        } else {
            proxy.worker.serveUpstream(index)
        }
        #expect(proxy.worker.queue.map { Token(rawValue: $0).index } == [index])
        #expect(
            eventually {
                receiver.readAvailable()
                return receiver.pending.count >= Self.turn
            })
        #expect(receiver.pending.count == Self.turn)

        try proxy.start(snapshot)
        try receiver.read { $0.count >= bytes.count }
        #expect(receiver.takePending() == bytes)
    }

    @Test func aClientThatSendsManyRequestsAtOnceHasToWaitForItsNextTurn() throws {
        let count = 3 * Worker.stepsPerTurn
        let requests = String(repeating: "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", count: count)
        try client.send(requests)
        awaitArrival(of: requests.utf8.count, at: index)

        proxy.worker.connections[index].pointee.flags.insert(.readable)
        proxy.worker.serveClient(index)
        #expect(proxy.worker.queue.count == 1)

        try proxy.start(snapshot)
        client.endSending()
        let answers = try client.takeText()
        #expect(answers.split(separator: "HTTP/1.1 404 ").count == count)
    }

    @Test func soHasTheBodyOfARequest() throws {
        let head = "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.total)\r\n\r\n"
        let endpoint = try open(Array(head.utf8))
        #expect(try endpoint.takeHead().hasPrefix("POST /app "))
        try expectTurns(from: client, at: index, to: endpoint)
        try endpoint.send("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 204 "))
    }

    @Test func soHasTheBodyOfAResponse() throws {
        let endpoint = try open(Array("GET /app HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(try endpoint.takeHead().hasPrefix("GET /app "))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.total)\r\n\r\n")
        try proxy.step {
            client.readAvailable()
            return !client.pending.isEmpty
        }
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200 "))
        let exchange = proxy.worker.connections[index].pointee.exchange
        try #require(exchange >= 0)
        try expectTurns(from: endpoint, at: proxy.worker.exchanges[exchange].pointee.upstream, to: client)
    }

    @Test(arguments: [false, true]) func soHaveBothSidesOfATunnel(isAnswer: Bool) throws {
        let endpoint = try open(ProtocolDetectionTests.hello)
        #expect(endpoint.takePending() == ProtocolDetectionTests.hello)
        let upstream = proxy.worker.connections[index].pointee.peer
        try #require(upstream >= 0)
        if isAnswer {
            try expectTurns(from: endpoint, at: upstream, to: client)
        } else {
            try expectTurns(from: client, at: index, to: endpoint)
        }
    }
}
