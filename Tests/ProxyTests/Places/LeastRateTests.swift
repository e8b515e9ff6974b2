import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

@Suite struct LeastRateTests {
    private static let second = ProxyLimits.second
    private let rate = LeastRate(bytesPerSecond: 100, grace: 60 * second)

    @Test func aClientMayFallSilentForTheGraceAtAnyTimeAndNoLongerHoweverFastItHasBeen() {
        let start = 1000 * LeastRateTests.second
        var deadline = rate.firstDeadline(now: start)
        #expect(deadline == start + 60 * LeastRateTests.second)
        deadline = rate.deadline(deadline, after: 1 << 30, now: start)
        #expect(deadline == start + 60 * LeastRateTests.second)
    }

    @Test(arguments: [(99, true), (101, false)])
    func oneThatGoesOnForLongHasToKeepToTheRate(_ bytesPerSecond: UInt64, _ isTooSlow: Bool) {
        var now = 1000 * LeastRateTests.second
        var deadline = rate.firstDeadline(now: now)
        for _ in 0..<100_000 where deadline > now {
            now += LeastRateTests.second
            if deadline > now { deadline = rate.deadline(deadline, after: bytesPerSecond, now: now) }
        }
        #expect((deadline <= now) == isTooSlow)
    }

    @Test func aDeadlineThatPassedWhileTheEndpointWasWaitedForCountsFromNow() {
        let now = 5000 * LeastRateTests.second
        #expect(rate.deadline(1, after: 100, now: now) == now + LeastRateTests.second)
    }

    @Test func withoutARateThereIsNoDeadline() {
        let none = LeastRate(bytesPerSecond: 0, grace: 60 * LeastRateTests.second)
        #expect(none.firstDeadline(now: 1) == 0 && none.deadline(0, after: 10, now: 1) == 0)
    }

    @Test func noNumberOverflows() {
        let slow = LeastRate(bytesPerSecond: 1, grace: 60 * LeastRateTests.second)
        #expect(slow.deadline(5, after: .max, now: 10) == 10 + 60 * LeastRateTests.second)
        let fast = LeastRate(bytesPerSecond: .max, grace: 1)
        #expect(fast.deadline(5, after: 1, now: 10) == 11)
    }
}

@Suite struct SlowBodyTests {
    private func limits() -> ProxyLimits {
        var limits = ProxyLimits.patient
        limits.bodyIdleTimeout = 300 * ProxyLimits.millisecond
        limits.bodyLeastRate = 1_000_000_000
        return limits
    }

    /// Sends bytes one by one until the proxy has answered, or `enough` of them.
    private func drip(_ client: Peer, _ bytes: String, enough: Int) throws {
        var sent = 0
        _ = eventually {
            try? client.send(bytes)
            sent += 1
            client.readAvailable()
            return !client.pending.isEmpty || sent >= enough
        }
    }

    @Test func aBodyOfKnownLengthThatDripsIsAnswered408() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits())
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try drip(client, "x", enough: .max)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 408"))
        try endpoint.awaitEnd()
    }

    /// The worker runs on the test's thread.
    @Test func aStreamOfUnknownLengthMayDripForAsLongAsThereAreOtherPlaces() throws {
        let server = try TestServer()
        var limits = limits()
        limits.connectionsPerWorker = 1
        let proxy = try TestProxy(limits: limits)
        let worker = proxy.worker
        var index: Int32 = -1
        let client = try proxy.admit(.gateway, destination: .none, TestPlan(endpoints: [server.port]).gateway()) {
            $0.connections[$1].pointee.frontendPort = TestProxy.frontendPort
            index = $1
        }
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try proxy.step { server.hasVisitor }
        let endpoint = try server.accept()
        for _ in 0..<3 {
            try client.send("1\r\nx\r\n")
            try proxy.step {
                endpoint.readAvailable()
                return String(decoding: endpoint.pending, as: UTF8.self).hasSuffix("1\r\nx\r\n")
            }
            _ = endpoint.takePending()
            let exchange = worker.connections[index].pointee.exchange
            try #require(exchange >= 0, "it goes on though its rate is low")
            worker.exchanges[exchange].pointee.bodyDeadline = worker.now
            worker.expireTimers()
        }
        client.readAvailable()
        #expect(client.pending.isEmpty && !client.sawEnd)
        #expect(worker.takeClientPlace(.gateway, for: .none) != nil)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 408"))
        #expect(proxy.shard.value(.slowBody) == 1)
    }
}
