import Kubernetes
import Testing

@testable import Controller

@Suite struct ToldTroubleTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aServerThatIsNotWellIsSaidOnceItLastsAndHoweverItShows() {
        var trouble = ToldTrouble()
        let attempts: [(APIError?, Int?)] = [
            (.unreachable("refused"), nil), (.timedOut, nil), (nil, 503), (nil, 429), (.unreachable("no answer"), nil),
        ]
        var said: [Int] = []
        for (second, attempt) in attempts.enumerated() {
            let now = UInt64(second) * Self.second
            if trouble.isNews("attempt \(second)", attempt.0, status: attempt.1, now: now) { said.append(second) }
        }
        #expect(said == [2], "after two seconds, and not again")
        #expect(trouble.end(now: 5 * Self.second) == "over after 5 s: attempt 2")
        let isNews = trouble.isNews("away", .timedOut, now: 6 * Self.second)
        #expect(!isNews && trouble.end(now: 7 * Self.second) == nil, "it did not last")
    }

    @Test func whatNeedsSomebodyToActIsSaidAtOnceAndOnce() {
        var trouble = ToldTrouble()
        let others: [(String, APIError?, Int?)] = [
            ("status 403", nil, 403), ("status 422", nil, 422), ("x", .invalidResponse("x"), nil),
            ("y", .invalidResponse("y"), nil),
        ]
        for (message, error, status) in others {
            let isNews = trouble.isNews(message, error, status: status, now: 0)
            let isNewsAgain = trouble.isNews(message, error, status: status, now: 9 * Self.second)
            #expect(isNews && !isNewsAgain, "\(message)")
        }
        #expect(trouble.end(now: 9 * Self.second) == "over after 9 s: y")
        #expect(trouble.end(now: 9 * Self.second) == nil)
        let isNewsAfterwards = trouble.isNews("y", .invalidResponse("y"), now: 10 * Self.second)
        #expect(isNewsAfterwards, "it was over")
    }

    @Test func whatMendsItselfIsToldFromWhatNeedsSomebodyToAct() {
        for error in [APIError.unreachable("refused"), .timedOut] {
            #expect(ToldTrouble.mendsItself(error, status: nil))
        }
        for status in [429, 500, 503] { #expect(ToldTrouble.mendsItself(nil, status: status)) }
        for status in [400, 401, 403, 422] { #expect(!ToldTrouble.mendsItself(nil, status: status)) }
        #expect(!ToldTrouble.mendsItself(.credentials("no token"), status: nil))
        #expect(!ToldTrouble.mendsItself(nil, status: nil))
    }
}
