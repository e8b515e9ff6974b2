import GatewayAPI
import Glibc
import Reactor
import Routing
import Telemetry
import Testing

@testable import Proxy

/// How connections and exchanges end: in time, by either side, and while the process drains.
@Suite struct ConnectionEndTests {
    private static let request = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A client whose request an endpoint has received.
    private func exchange(
        limits: ProxyLimits = .patient, timeouts: HTTPRouteTimeouts = HTTPRouteTimeouts(),
        request: String = ConnectionEndTests.request, receiveBuffer: Int32? = nil,
        _ use: (TestProxy, Peer, Peer, TestServer) throws -> Void
    ) throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits)
        // The request is there before the worker is, so that no limit on idle clients meets it on its way.
        let client = try proxy.client(receiveBuffer: receiveBuffer)
        try client.send(request)
        try proxy.start(TestPlan(endpoints: [server.port], timeouts: timeouts).gateway())
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try use(proxy, client, endpoint, server)
    }

    /// Every gauge is back at zero but for those of connections that are still open.
    private func expectNothingInFlight(_ proxy: TestProxy) {
        #expect(eventually { proxy.shard.value(.requestsActive, .gateway) == 0 })
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 0 })
    }

    // MARK: The endpoint ends

    @Test func anEndpointThatClosesBeforeItsAnswerIs502() throws {
        try exchange { proxy, client, endpoint, _ in
            endpoint.close()
            let head = try client.takeHead()
            #expect(head.hasPrefix("HTTP/1.1 502"))
            client.close()
            expectNothingInFlight(proxy)
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
        }
    }

    @Test func anEndpointThatClosesWithinItsHeadIs502() throws {
        try exchange { _, client, endpoint, _ in
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-")
            endpoint.close()
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test func anEndpointThatClosesWithinItsBodyCutsTheClient() throws {
        try exchange { proxy, client, endpoint, _ in
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
            #expect(try client.take(4) == "half")
            endpoint.close()
            try client.awaitEnd()
            #expect(client.sawReset)
            expectNothingInFlight(proxy)
        }
    }

    @Test func aBodyUntilTheEndOfTheConnectionIsWholeForTheClient() throws {
        try exchange { _, client, endpoint, server in
            try endpoint.send("HTTP/1.1 200 OK\r\n\r\nall of it")
            endpoint.close()
            #expect(try client.takeHead().lowercased().contains("transfer-encoding: chunked\r\n"))
            #expect(try client.take(3 + 9 + 2 + 5) == "9\r\nall of it\r\n0\r\n\r\n")
            try client.send(ConnectionEndTests.request)
            #expect(try server.accept().takeHead().hasPrefix("GET /app "))
        }
    }

    @Test func anAnswerThatIsNotHTTPIs502() throws {
        try exchange { _, client, endpoint, _ in
            try endpoint.send("SSH-2.0-OpenSSH\r\n")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 502"))
            try endpoint.awaitEnd()
        }
    }

    @Test func aPooledConnectionThatEndsBeforeItsAnswerIsReplacedOnce() throws {
        try exchange { proxy, client, endpoint, server in
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try client.takeHead()
            try client.send(ConnectionEndTests.request)
            _ = try endpoint.takeHead()
            endpoint.close()
            let second = try server.accept()
            #expect(try second.takeHead().hasPrefix("GET /app "))
            #expect(proxy.shard.value(.rePicks) == 1)
            try second.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
            // The replacement was a whole request: both connections go on.
            try client.send(ConnectionEndTests.request)
            #expect(try second.takeHead().hasPrefix("GET /app "))
        }
    }

    @Test func aHostOutsideTheClusterIsNotBelievedToBeAProxy() throws {
        try exchange { proxy, client, endpoint, server in
            try endpoint.send("HTTP/1.1 503 No\r\nWeir-Failure: connect\r\nContent-Length: 0\r\n\r\n")
            let head = try client.takeHead()
            #expect(head.hasPrefix("HTTP/1.1 503") && !head.lowercased().contains("weir-failure"))
            #expect(!server.hasVisitor)
            #expect(proxy.shard.value(.ejections) == 0)
        }
    }

    @Test func aRequestThatIsNotIdempotentIsNotRepeated() throws {
        try exchange { _, client, endpoint, server in
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try client.takeHead()
            try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            _ = try endpoint.takeHead()
            endpoint.close()
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 502"))
            #expect(!server.hasVisitor)
        }
    }

    @Test func anEndpointThatRefusesIsPassedOverOnce() throws {
        let server = try TestServer()
        let refusing = try RefusingPort()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [refusing.port, server.port]).gateway())
        for _ in 0..<8 {
            let client = try proxy.client()
            try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func theRestOfAnAnswerWaitsForASlowReaderLongerThanLingering() throws {
        let server = try TestServer()
        var limits = ProxyLimits.patient
        limits.lingerTimeout = 20 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits, sendBuffer: 4096)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client(receiveBuffer: 4096)
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        let body = String(repeating: "x", count: 48 << 10)
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
        // The exchange is over: what is left is the rest in the proxy's hands.
        #expect(eventually { proxy.shard.value(.requestsActive, .gateway) == 0 })
        // A connection that begins to linger after it is closed for that: so the lingering time is over for both.
        let later = try proxy.client()
        try later.send("BAD\r\n\r\n")
        #expect(try later.takeHead().hasPrefix("HTTP/1.1 400"))
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 1 })
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        #expect(try client.take(body.utf8.count) == body)
    }

    @Test func noEndpointThatAcceptsIs503() throws {
        let refusing = try RefusingPort()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [refusing.port]).gateway())
        let client = try proxy.client()
        try client.send(ConnectionEndTests.request)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 503"))
    }

    @Test func anEndpointThatTakesNoConnectionCostsItsHeadStart() throws {
        let server = try TestServer()
        let hole = try BlackHole()
        var limits = ProxyLimits.patient
        limits.connectHeadStart = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [hole.port, server.port]).gateway())
        for _ in 0..<12 {
            let client = try proxy.client()
            try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            #expect(try endpoint.take(2) == "hi")
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 200"))
        }
        #expect(proxy.shard.value(.ejections) == 0, "it may still take one")
    }

    @Test func aConnectionThatIsMadeAfterAllServesItsRequest() throws {
        let slow = try BlackHole()
        let refusing = try RefusingPort()
        var limits = ProxyLimits.patient
        limits.connectHeadStart = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [slow.port, refusing.port]).gateway())
        let client = try proxy.client()
        try client.send(ConnectionEndTests.request)
        // The other has been tried, and refuses: nothing is left to hope for but the first.
        #expect(eventually { proxy.shard.value(.connectFailures) == 1 })
        let endpoint = try slow.open()
        _ = try endpoint.takeHead()
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
    }

    @Test func anEndpointThatTakesNoConnectionInTimeIsEjected() throws {
        let server = try TestServer()
        let hole = try BlackHole()
        var limits = ProxyLimits.patient
        limits.connectHeadStart = 5 * ProxyLimits.millisecond
        limits.connectTimeout = 20 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [hole.port, server.port]).gateway())
        var served = 0
        while proxy.shard.value(.ejections) == 0 && served < 500 {
            let client = try proxy.client()
            try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 200"))
            served += 1
        }
        #expect(proxy.shard.value(.ejections) == 1)
        #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
    }

    @Test func anEndpointThatCannotBeReachedAtAllIsPassedOverOnce() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        var plan = TestPlan(endpoints: [server.port])
        // No route leads to the broadcast address: the connection fails before it begins.
        plan.hosts = [Backend.Host(host: "255.255.255.255", port: 80)]
        try proxy.start(plan.gateway())
        for _ in 0..<8 {
            let client = try proxy.client()
            try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func noRoomForAnotherConnectionIs503AndNotTheEndpointsFault() throws {
        let server = try TestServer()
        var limits = ProxyLimits.patient
        limits.connectionsPerWorker = 1
        let proxy = try TestProxy(limits: limits)
        // The only place there is for an endpoint.
        _ = proxy.worker.takeEndpointPlace(.gateway)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(ConnectionEndTests.request)
        let head = try client.takeHead()
        #expect(head.hasPrefix("HTTP/1.1 503"))
        #expect(proxy.shard.value(.ejections) == 0 && proxy.shard.value(.connectFailures) == 0)
        #expect(eventually { proxy.shard.value(.overloadRefusals) == 1 })
    }

    @Test func noEndpointAtAllIs503() throws {
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: []).gateway())
        let client = try proxy.client()
        try client.send(ConnectionEndTests.request)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 503"))
    }

    // MARK: The client ends

    @Test func aClientThatLeavesWithinItsBodyCutsTheEndpoint() throws {
        try exchange(request: "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf") {
            proxy, client, endpoint, _ in
            client.close()
            try endpoint.awaitEnd()
            expectNothingInFlight(proxy)
        }
    }

    @Test func aClientThatResetsWhileItWaitsEndsTheExchange() throws {
        try exchange { proxy, client, endpoint, _ in
            client.reset()
            try endpoint.awaitEnd()
            expectNothingInFlight(proxy)
        }
    }

    @Test func badChunksFromAClientEndBothConnections() throws {
        try exchange(request: "POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n") {
            proxy, client, endpoint, _ in
            try client.send("zz\r\n")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 400"))
            try endpoint.awaitEnd()
            client.close()
            expectNothingInFlight(proxy)
        }
    }

    // MARK: Time

    @Test func aHeadThatIsNotCompleteInTimeIs408() throws {
        var limits = ProxyLimits.patient
        limits.headTimeout = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: []).gateway())
        let client = try proxy.client()
        try client.send("GET /app HT")
        #expect(try client.takeText().hasPrefix("HTTP/1.1 408"))
    }

    @Test func anIdleClientIsClosed() throws {
        var limits = ProxyLimits.patient
        limits.clientIdleTimeout = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: []).gateway())
        let client = try proxy.client()
        #expect(try client.takeText().isEmpty)
    }

    @Test func aRequestBodyThatStallsIs408() throws {
        var limits = ProxyLimits.patient
        limits.bodyIdleTimeout = 5 * ProxyLimits.millisecond
        try exchange(limits: limits, request: "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") {
            _, client, endpoint, _ in
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 408"))
            try endpoint.awaitEnd()
        }
    }

    @Test func aResponseBodyThatStallsIsCutHoweverLongItsHeadTook() throws {
        var limits = ProxyLimits.patient
        // So short that the wheel has looked at the connection, and found no deadline, while the head was waited for.
        limits.clientIdleTimeout = 5 * ProxyLimits.millisecond
        limits.bodyIdleTimeout = 20 * ProxyLimits.millisecond
        try exchange(limits: limits) { proxy, client, endpoint, _ in
            let late = try proxy.client()
            #expect(try late.takeText().isEmpty)
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
            try client.awaitEnd()
            #expect(client.sawReset)
        }
    }

    @Test func theRequestTimeoutOfARuleIs504() throws {
        try exchange(timeouts: HTTPRouteTimeouts(request: 10)) { _, client, endpoint, _ in
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 504"))
            try endpoint.awaitEnd()
        }
    }

    @Test func theBackendRequestTimeoutOfARuleIs504() throws {
        try exchange(timeouts: HTTPRouteTimeouts(backendRequest: 10)) { _, client, endpoint, _ in
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 504"))
            try endpoint.awaitEnd()
        }
    }

    @Test func eachAttemptHasTheBackendRequestTimeForItself() throws {
        let holes = try [BlackHole(), BlackHole()]
        var limits = ProxyLimits.patient
        limits.connectHeadStart = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        let plan = TestPlan(
            endpoints: holes.map(\.port), timeouts: HTTPRouteTimeouts(backendRequest: 3_600_000))
        var number: Int32 = -1
        let client = try proxy.admit(.gateway, destination: .none, plan.gateway()) { worker, index in
            worker.connections[index].pointee.frontendPort = TestProxy.frontendPort
            worker.enterHTTP(index)
            number = index
        }
        try client.send(ConnectionEndTests.request)
        try proxy.step {
            proxy.worker.expireTimers()
            return proxy.shard.value(.rePicks) == 1
        }
        let exchange = proxy.worker.exchanges[proxy.worker.connections[number].pointee.exchange].pointee
        #expect(exchange.attemptAt > exchange.startedAt)
        #expect(exchange.attemptDeadline == exchange.attemptAt + 3_600 * ProxyLimits.second)
    }

    @Test func anEndpointThatTookNoConnectionIsTriedByOneThatNoRequestWaitsFor() throws {
        let server = try TestServer()
        let hole = try BlackHole()
        var limits = ProxyLimits.patient
        limits.connectTimeout = 5 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [hole.port, server.port]).gateway())
        func ask() throws {
            let client = try proxy.client()
            try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 200"))
        }
        while proxy.shard.value(.ejections) == 0 { try ask() }
        let attempts = proxy.shard.value(.rePicks)
        // The pause passes; from then on it is ejected anew and anew, and no request has met it.
        while proxy.shard.value(.ejections) < 2 { try ask() }
        #expect(proxy.shard.value(.rePicks) == attempts)
    }

    // MARK: Draining

    @Test func aDrainingWorkerWaitsForTheFirstRequestsOfThoseWhoWereLetIn() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        let silent = try proxy.client()
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 2 })
        proxy.drain()
        #expect(eventually { proxy.worker.control.isDraining })
        try client.send(ConnectionEndTests.request)
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let head = try client.takeHead()
        #expect(head.hasPrefix("HTTP/1.1 200") && head.contains("connection: close\r\n"))
        client.close()
        // Who says nothing is not waited for much longer.
        #expect(eventually { proxy.worker.control.isFinished })
        withExtendedLifetime(silent) {}
    }

    @Test func aDrainingWorkerFinishesWhatIsInFlight() throws {
        try exchange { proxy, client, endpoint, _ in
            proxy.drain()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            try endpoint.send("ok")
            #expect(try client.takeText().hasSuffix("ok"))
            client.close()
            #expect(eventually { proxy.worker.control.isFinished })
        }
    }

    @Test func aDrainingWorkerWaitsForASlowReadersAnswer() throws {
        try exchange(receiveBuffer: 2048) { proxy, client, endpoint, _ in
            // More than the sockets hold, read in small steps until the exchange is over: its last bytes then wait in
            // the worker.
            let size = 16 << 20
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            _ = try client.takeHead()
            let chunk = [UInt8](repeating: 5, count: 65536)
            var left = size
            var received = 0
            while proxy.shard.value(.requestsActive, .gateway) > 0 {
                if left > 0 && endpoint.isWritableNow {
                    left -= endpoint.sendUntilFull(Array(chunk.prefix(min(left, chunk.count))), limit: 1)
                } else {
                    received += try client.take(1024).utf8.count
                }
            }
            proxy.drain()
            received += try client.takeAll().count
            #expect(received == size)
            client.close()
            #expect(eventually { proxy.worker.control.isFinished })
        }
    }
}
