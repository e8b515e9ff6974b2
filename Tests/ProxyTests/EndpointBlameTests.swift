import Balancing
import Telemetry
import Testing

@testable import Balancing
@testable import Proxy
@testable import Reactor

/// Strangers choose how fast they send and read: what comes of that says nothing of the endpoint.
@Suite struct AttemptPaceTests {
    private static let second = ProxyLimits.second

    /// An attempt of a second, over which its endpoint's connection has been quiet for `silence`.
    private func pace(
        silence: UInt64, isRequestAwaited: Bool = false, wasAnswerHeldUp: Bool = false
    ) -> AttemptPace {
        AttemptPace(
            isRequestAwaited: isRequestAwaited, wasAnswerHeldUp: wasAnswerHeldUp, began: 9 * Self.second,
            moved: 10 * Self.second - silence, now: 10 * Self.second)
    }

    @Test func anEndpointIsLateThatHadTheLargerPartOfTheTimeForItself() {
        #expect(pace(silence: Self.second).isEndpointLate)
        #expect(pace(silence: Self.second / 2).isEndpointLate)
        #expect(!pace(silence: Self.second / 2 - 1).isEndpointLate, "the request came late, or it reads and answers")
        #expect(!pace(silence: Self.second, isRequestAwaited: true).isEndpointLate)
        #expect(!pace(silence: Self.second, wasAnswerHeldUp: true).isEndpointLate)
        #expect(pace(silence: 2 * Self.second).isEndpointLate, "a connection that was begun earlier")
    }

    @Test func anEndpointMayEndWhatItsClientDoesNotGoOnWith() {
        #expect(pace(silence: Self.second).isEndEndpoints)
        #expect(!pace(silence: AttemptPace.stall, isRequestAwaited: true).isEndEndpoints)
        #expect(pace(silence: AttemptPace.stall - 1, isRequestAwaited: true).isEndEndpoints)
        #expect(!pace(silence: 0, wasAnswerHeldUp: true).isEndEndpoints)
    }

    @Test func anAnswerToAPartOfARequestIsNoWorseForThat() {
        #expect(pace(silence: 0).isAnswerEndpoints && !pace(silence: 0, isRequestAwaited: true).isAnswerEndpoints)
    }
}

/// The worker runs on the test's thread, so that its clock and its connections' stamps are the test's.
@Suite struct EndpointBlameTests {
    private let server: TestServer
    private let proxy: TestProxy
    private let client: Peer
    private let index: Int32

    init() throws {
        server = try TestServer()
        proxy = try TestProxy(sendBuffer: 4096)
        let snapshot = TestPlan(endpoints: [server.port]).gateway()
        var admitted: Int32 = -1
        client = try proxy.admit(.gateway, destination: .none, snapshot) {
            $0.connections[$1].pointee.frontendPort = TestProxy.frontendPort
            admitted = $1
        }
        index = admitted
    }

    private var worker: Worker { proxy.worker }

    /// Suspicion against the endpoint, whose number is 0.
    private var suspicion: Int { Int(worker.balancer.states[0].suspicion) }

    /// The client's request, as far as it has come to the endpoint.
    private func begin(_ request: String) throws -> (exchange: Int32, endpoint: Peer) {
        try client.send(request)
        try proxy.step { server.hasVisitor }
        let endpoint = try server.accept()
        try proxy.step {
            endpoint.readAvailable()
            return !endpoint.pending.isEmpty
        }
        let exchange = worker.connections[index].pointee.exchange
        try #require(exchange >= 0)
        return (exchange, endpoint)
    }

    /// Puts everything that has happened so far a second back.
    private func passSecond(_ exchange: Int32) {
        let e = worker.exchanges[exchange]
        e.pointee.attemptAt -= ProxyLimits.second
        worker.connections[e.pointee.upstream].pointee.lastActivity -= ProxyLimits.second
        worker.connections[index].pointee.lastActivity -= ProxyLimits.second
    }

    private static let get = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let half = "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"

    @Test(arguments: [(get, 3), (half, 0)])
    func anEndpointIsNotLateWhileTheClientOwesTheRestOfItsBody(_ request: String, _ expected: Int) throws {
        let (exchange, _) = try begin(request)
        passSecond(exchange)
        worker.fail(exchange, .backendTimeout)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 504"))
        #expect(suspicion == expected)
    }

    @Test func aBodyThatIsFinishedAtTheLastMomentLeavesTheEndpointNoTime() throws {
        let (exchange, endpoint) = try begin(EndpointBlameTests.half)
        passSecond(exchange)
        try client.send("-half")
        try proxy.step {
            endpoint.readAvailable()
            return String(decoding: endpoint.pending, as: UTF8.self).hasSuffix("-half")
        }
        worker.fail(exchange, .backendTimeout)
        #expect(suspicion == 0)
    }

    @Test(arguments: [(get, 3), (half, 0)])
    func anEndpointThatGivesUpAStalledBodyHasNotFailed(_ request: String, _ expected: Int) throws {
        let (exchange, endpoint) = try begin(request)
        passSecond(exchange)
        endpoint.reset()
        try proxy.step {
            client.readAvailable()
            return !client.pending.isEmpty
        }
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 502"))
        #expect(suspicion == expected)
    }

    @Test func anEndpointThatClosesAsSoonAsABodyBeginsHasFailed() throws {
        let (exchange, endpoint) = try begin(EndpointBlameTests.half)
        // However long the test takes.
        worker.connections[worker.exchanges[exchange].pointee.upstream].pointee.lastActivity = .max
        endpoint.reset()
        try proxy.step {
            client.readAvailable()
            return !client.pending.isEmpty
        }
        #expect(suspicion == 3)
    }

    @Test(arguments: [false, true])
    func anEndpointThatGivesUpAnAnswerWhichIsNotReadHasNotFailed(isReset: Bool) throws {
        let (exchange, endpoint) = try begin(EndpointBlameTests.get)
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        let chunk = [UInt8](repeating: 7, count: 64 << 10)
        try proxy.step {
            _ = endpoint.sendUntilFull(chunk, limit: chunk.count)
            return !worker.connections[index].pointee.output.isEmpty
        }
        if isReset {
            endpoint.reset()
            try proxy.step {
                client.readAvailable()
                return client.sawReset || client.sawEnd
            }
        } else {
            passSecond(exchange)
            worker.fail(exchange, .backendTimeout)
        }
        #expect(suspicion == 0)
    }

    @Test func aSwitchOfProtocolsBeforeTheRequestIsWholeIsTheClientsDoing() throws {
        let (_, endpoint) = try begin(
            "POST /app HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a\r\nContent-Length: 9\r\n\r\nhalf")
        try endpoint.send("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n")
        try proxy.step {
            client.readAvailable()
            return !client.pending.isEmpty
        }
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 502"))
        #expect(suspicion == 0)
    }

    @Test(arguments: [(get, true), (half, false)])
    func theCallersProxyIsToldOfAFailureThatIsTheApplicationsOwn(_ request: String, _ isTold: Bool) throws {
        let snapshot = TestPlan(endpoints: [], registry: .init()).inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        let proxy = try TestProxy()
        var index: Int32 = -1
        let caller = try proxy.admit(.inbound, destination: destination, snapshot) {
            $0.beginDetection($1)
            index = $1
        }
        try caller.send(request.replacing("Host", with: "weir-routed: mesh -\r\nHost"))
        try proxy.step { server.hasVisitor }
        let endpoint = try server.accept()
        try proxy.step {
            endpoint.readAvailable()
            return !endpoint.pending.isEmpty
        }
        let exchange = proxy.worker.connections[index].pointee.exchange
        try #require(exchange >= 0)
        proxy.worker.connections[proxy.worker.exchanges[exchange].pointee.upstream].pointee.lastActivity -=
            ProxyLimits.second
        endpoint.reset()
        try proxy.step {
            caller.readAvailable()
            return !caller.pending.isEmpty
        }
        #expect(try caller.takeHead().contains("weir-failure: reset") == isTold)
    }
}
