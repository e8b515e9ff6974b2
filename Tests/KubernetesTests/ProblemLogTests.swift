import GatewayAPI
import Testing

@testable import Kubernetes

/// Which lines problems get in a log, and when.
@Suite struct ProblemLogTests {
    private static let second: UInt64 = 1_000_000_000

    private func problem(_ object: String, _ message: String, _ severity: Problem.Severity = .error) -> Problem {
        Problem(severity: severity, id: .invalidValue, object: object, message: message)
    }

    @Test func anErrorIsLoggedOnceAndItsEndWithWhatItWasAndHowLongItTook() {
        var log = ProblemLog(patience: 0)
        let broken = problem("HTTPRoute ana/a", "is broken")
        #expect(log.update([broken], now: 5 * Self.second) == .init(begun: [broken]))
        #expect(log.update([broken], now: 9 * Self.second) == .init())
        #expect(
            log.update([], now: 66 * Self.second) == .init(over: "over after 61 s: HTTPRoute ana/a: is broken"))
        #expect(log.update([], now: 67 * Self.second) == .init())
        #expect(log.update([broken], now: 68 * Self.second).begun == [broken], "it was over")
    }

    @Test func whatEndsTogetherHasOneLine() {
        var log = ProblemLog(patience: 0)
        let troubles = ["a", "b", "c"].map { problem("https://server", $0) }
        _ = log.update([troubles[1]], now: 0)
        _ = log.update(troubles, now: Self.second)
        #expect(
            log.update([troubles[2]], now: 3 * Self.second).over == "over after 3 s: https://server: b (and 1 more)")
        #expect(log.update([], now: 4 * Self.second).over == "over after 3 s: https://server: c")
    }

    @Test func aWarningIsLoggedOnlyOnceItIsAnErrorAndHasLastedSinceItBegan() {
        var log = ProblemLog(patience: 0)
        let young = problem("https://server", "away", .warning)
        let old = problem("https://server", "away")
        #expect(log.update([young], now: 0) == .init())
        #expect(log.update([], now: Self.second) == .init(), "what was never said is never over")
        _ = log.update([young], now: 10 * Self.second)
        #expect(log.update([old], now: 12 * Self.second).begun == [old])
        #expect(log.update([], now: 20 * Self.second).over == "over after 10 s: https://server: away")
    }

    @Test func whatDoesNotLastIsNeverLogged() {
        var log = ProblemLog(patience: 2 * Self.second)
        let (a, b) = (problem("HTTPRoute ana/a", "is broken"), problem("HTTPRoute ana/b", "is broken"))
        #expect(log.update([a], now: 0) == .init(next: 2 * Self.second))
        #expect(log.update([a, b], now: Self.second) == .init(next: Self.second))
        #expect(log.look(now: 2 * Self.second) == .init(begun: [a], next: Self.second))
        #expect(log.update([a], now: 2 * Self.second + 1) == .init(), "the other one has not lasted")
        #expect(log.update([], now: 4 * Self.second) == .init(over: "over after 4 s: HTTPRoute ana/a: is broken"))
        #expect(log.look(now: 9 * Self.second) == .init())
    }

    @Test func errorsAreLoggedInTheirOrder() {
        var log = ProblemLog(patience: Self.second)
        let problems = (0..<20).map { problem("HTTPRoute ana/a", "\($0)") }
        _ = log.update(problems, now: 0)
        #expect(log.look(now: Self.second).begun == problems)
    }

    @Test func otherWordsAboutTheSameFieldAreNoEnd() {
        var log = ProblemLog(patience: 0)
        var before = problem("HTTPRoute ana/a", "Service b does not exist")
        before.field = "spec.rules[0]"
        var after = before
        after.message = "Service c does not exist"
        _ = log.update([before], now: 0)
        #expect(log.update([after], now: Self.second) == .init(begun: [after]))
    }

    @Test func aServersRefusalIsNotTheOutageBeforeInOtherWords() {
        var log = ProblemLog(patience: 0)
        let refused = problem("https://server", "services: forbidden")
        _ = log.update([problem("https://server", "away")], now: 0)
        let news = log.update([refused], now: 5 * Self.second)
        #expect(news == .init(begun: [refused], over: "over after 5 s: https://server: away"))
    }

    @Test func aProblemThatMovesInItsFileIsTheSame() {
        var log = ProblemLog(patience: 0)
        let before = Problem(
            severity: .error, id: .invalidValue, object: "HTTPRoute ana/a", message: "is broken", file: "a.yaml",
            line: 3)
        var after = before
        after.line = 4
        _ = log.update([before], now: 0)
        #expect(log.update([after], now: Self.second) == .init())
    }
}
