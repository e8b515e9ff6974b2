import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

@Suite struct UntakenOutputTests {
    private static let second = ProxyLimits.second
    private let grace = 60 * second
    private let rate = LeastRate(bytesPerSecond: 100, grace: 60 * second)

    /// What looks at these times find, when bytes began to wait at 0.
    private func looks(_ looks: [(second: UInt64, taken: UInt64)]) -> [Bool] {
        var output = UntakenOutput()
        output.began(now: 0)
        return looks.map { output.isTooSlow(taken: $0.taken, now: $0.second * Self.second, rate: rate) }
    }

    @Test func theFirstLookOnlyNotesHowMuchHadBeenTakenByThen() {
        var output = UntakenOutput()
        output.began(now: 5 * Self.second)
        #expect(output.lookDue(grace: grace) == 35 * Self.second)
        let isTooSlow = output.isTooSlow(taken: 0, now: 35 * Self.second, rate: rate)
        #expect(!isTooSlow)
        #expect(output.lookDue(grace: grace) == 95 * Self.second)
    }

    @Test(arguments: [(0, true), (5_999, true), (6_000, false), (.max, false)] as [(UInt64, Bool)])
    func whatIsTakenFromOneLookToTheNextHasToKeepToTheRate(_ count: UInt64, _ isTooSlow: Bool) {
        #expect(looks([(30, 0), (90, count)]) == [false, isTooSlow])
        #expect(looks([(30, 7), (90, 10_000), (150, 16_000), (210, 16_001)]) == [false, false, false, true])
    }

    @Test func bytesThatBeginToWaitAnewAreJudgedAnew() {
        var output = UntakenOutput()
        output.began(now: 0)
        let first = output.isTooSlow(taken: 50, now: 30 * Self.second, rate: rate)
        output.began(now: 80 * Self.second)
        #expect(output.lookDue(grace: grace) == 110 * Self.second)
        let second = output.isTooSlow(taken: 51, now: 110 * Self.second, rate: rate)
        #expect(!first && !second)
    }

    @Test func withoutARateAnyByteSuffices() {
        let none = LeastRate(bytesPerSecond: 0, grace: grace)
        #expect(none.isKept(by: 1, over: .max) && !none.isKept(by: 0, over: 1))
    }
}

@Suite struct SlowReaderTests {
    private static let request = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"

    /// - Parameter isWhole: the proxy has all of the response, and waits for nobody but the client.
    @Test(arguments: [false, true], [false, true])
    func aClientThatTakesAByteNowAndThenIsGivenUp(isWhole: Bool, isClosing: Bool) throws {
        let server = try TestServer()
        var limits = ProxyLimits.patient
        limits.bodyIdleTimeout = 400 * ProxyLimits.millisecond
        limits.bodyLeastRate = 1_000_000
        let proxy = try TestProxy(limits: limits, sendBuffer: 4096)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client(receiveBuffer: 2048)
        try client.send(Self.request)
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        let size = isWhole ? 50_000 : 50_000_000
        let closing = isClosing ? "Connection: close\r\n" : ""
        try endpoint.send("HTTP/1.1 200 OK\r\n\(closing)Content-Length: \(size)\r\n\r\n")
        _ = endpoint.sendUntilFull([UInt8](repeating: 7, count: isWhole ? size : 64 << 10), limit: size)
        var room: UInt8 = 0
        let isGivenUp = eventually {
            _ = withUnsafeMutableBytes(of: &room) { Socket.read(client.fd, into: $0) }
            return proxy.shard.value(.slowReaders, .gateway) == 1
        }
        #expect(isGivenUp)
        try client.awaitEnd()
        #expect(client.sawReset)
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 0 })
    }
}
