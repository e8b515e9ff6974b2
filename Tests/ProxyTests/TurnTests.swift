import Glibc
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// No connection keeps a worker to itself.
@Suite struct TurnTests {
    @Test func aClientThatSendsManyRequestsAtOnceHasToWaitForItsNextTurn() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshot = TestPlan(endpoints: [server.port]).inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        var index: Int32 = -1
        let client = try proxy.admit(.inbound, destination: destination, snapshot) {
            $0.beginDetection($1)
            index = $1
        }
        let count = 3 * Worker.stepsPerTurn
        let requests = String(repeating: "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", count: count)
        try client.send(requests)
        let connection = proxy.worker.connections[index]
        var peeked = [UInt8](repeating: 0, count: requests.utf8.count)
        #expect(eventually { recv(connection.pointee.fd, &peeked, peeked.count, Int32(MSG_PEEK)) == peeked.count })

        connection.pointee.flags.insert(.readable)
        proxy.worker.serveClient(index)
        #expect(proxy.worker.queue.count == 1)

        try proxy.start(snapshot)
        client.endSending()
        let answers = try client.takeText()
        #expect(answers.split(separator: "HTTP/1.1 404 ").count == count)
    }
}
