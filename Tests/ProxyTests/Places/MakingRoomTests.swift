import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// A connection that makes room is told so in the middle of the request that needs the room, whose head stands composed
/// by then.
@Suite struct MakingRoomTests {
    private let server: TestServer
    private let proxy: TestProxy
    private let client: Peer
    private let index: Int32

    /// A client at the gateway's door; the worker runs on the test's thread.
    init() throws {
        server = try TestServer()
        var limits = ProxyLimits.patient
        limits.evictionGrace = 0
        limits.connectionsPerWorker = 4
        limits.bodyLeastRate = 1_000_000_000
        limits.bodyIdleTimeout = ProxyLimits.millisecond
        proxy = try TestProxy(limits: limits, accessLog: .all)
        let snapshot = TestPlan(endpoints: [server.port]).gateway()
        var admitted: Int32 = -1
        client = try proxy.admit(.gateway, destination: .none, snapshot) {
            $0.connections[$1].pointee.frontendPort = TestProxy.frontendPort
            admitted = $1
        }
        index = admitted
    }

    /// Descriptors run out while another client's head and path stand in the worker's scratch.
    private func expectRoomIsMade(answering status: Int) throws {
        let worker = proxy.worker
        for room in [worker.outgoing, worker.pathScratch] { for at in room.indices { room[at] = 0x61 } }
        #expect(worker.makeDescriptorRoom(.gateway))
        #expect(try client.takeText().hasPrefix("HTTP/1.1 \(status) "))
        #expect(worker.outgoing.allSatisfy { $0 == 0x61 } && worker.pathScratch.allSatisfy { $0 == 0x61 })
    }

    @Test func whoHasNotFinishedItsHeadIsToldWithoutTouchingAnothersHead() throws {
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\n")
        try proxy.step { proxy.worker.connections[index].pointee.headStarted > 0 }
        try expectRoomIsMade(answering: 503)
    }

    @Test func whoSendsItsBodyTooSlowlyIsToldWithoutTouchingAnothersHead() throws {
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try proxy.step { server.hasVisitor }
        let endpoint = try server.accept()
        try proxy.step {
            endpoint.readAvailable()
            return !endpoint.pending.isEmpty
        }
        let exchange = proxy.worker.connections[index].pointee.exchange
        try #require(exchange >= 0)
        try proxy.step { proxy.worker.now > proxy.worker.exchanges[exchange].pointee.bodyDeadline }
        try expectRoomIsMade(answering: 408)
    }

    // MARK: Looks

    private static let newcomer = SocketAddress(high: 0, low: 0x7f00_0002, port: 1, isIPv6: false)

    private func takePlace() -> Int32? { proxy.worker.takeClientPlace(.gateway, for: MakingRoomTests.newcomer) }

    @Test func oneConnectionThatCanGoDoesNotMakeEachNewcomerALookAtAll() throws {
        let worker = proxy.worker
        let start = worker.now
        // The others' places, of which nobody can do without.
        while worker.shares.hasRoom(ConnectionShares.Group(.clients, .gateway)) {
            _ = try #require(worker.takeClientPlace(.gateway, for: .none))
        }
        let place = try #require(takePlace())
        #expect(try client.takeAll().isEmpty)
        worker.connections[place].pointee.remote = MakingRoomTests.newcomer
        worker.giveBackPlace(place)
        // Another that can go, but it was looked for such just now.
        let other = try proxy.admit(.gateway, destination: .none, TestPlan(endpoints: []).gateway()) {
            $0.connections[$1].pointee.lastActivity = start
        }
        worker.now = start
        #expect(takePlace() == nil)
        worker.now = start + ProxyLimits.second
        #expect(takePlace() != nil)
        #expect(try other.takeAll().isEmpty)
    }

    @Test func theConnectionToAnEndpointThatHasBeenIdleLongestGoesWithoutALook() throws {
        let worker = proxy.worker
        let address = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        var opened: [Int32] = []
        for _ in 0..<4 {
            guard case .opened(let upstream) = worker.openUpstream(.endpoint(0), address: address, for: .gateway) else {
                Issue.record("no connection was begun")
                return
            }
            opened.append(upstream)
        }
        for upstream in [opened[2], opened[0], opened[3], opened[1]] { worker.putIdle(upstream) }
        // Used and idle again, the first is the last to go.
        #expect(worker.takeIdle(.endpoint(0), address: address) == opened[1])
        #expect(worker.takeIdle(.endpoint(0), address: address) == opened[3])
        worker.putIdle(opened[1])
        for upstream in [opened[2], opened[0], opened[1]] {
            #expect(worker.connections[upstream].pointee.fd >= 0)
            #expect(worker.evictIdle(.gateway))
            #expect(worker.connections[upstream].pointee.fd < 0)
        }
        #expect(!worker.evictIdle(.gateway))
    }
}
