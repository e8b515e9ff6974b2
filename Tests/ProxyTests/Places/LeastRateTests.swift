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

    @Test func aStreamOfUnknownLengthMayDripForAsLongAsThereAreOtherPlaces() throws {
        let server = try TestServer()
        var limits = limits()
        limits.connectionsPerWorker = 1
        limits.evictionGrace = 1
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        let start = Clock.now()
        while Clock.now() < start + 2 * limits.bodyIdleTimeout { try drip(client, "1\r\nx\r\n", enough: 10) }
        #expect(client.pending.isEmpty && !client.sawEnd, "it goes on though its rate is low")
        let other = try proxy.client()
        try other.send("GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        try drip(client, "1\r\nx\r\n", enough: .max)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 408"))
        let second = try server.accept()
        #expect(try second.takeHead().hasPrefix("GET /app"))
        #expect(proxy.shard.value(.slowBody) == 1)
    }
}
