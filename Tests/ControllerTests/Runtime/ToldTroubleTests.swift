import Kubernetes
import Testing

@testable import Controller

@Suite struct ToldTroubleTests {
    @Test func aServerThatIsAwayIsSaidOnceHoweverItShows() {
        var trouble = ToldTrouble()
        let attempts: [APIError] = [.unreachable("refused"), .timedOut, .unreachable("no answer in time"), .timedOut]
        let said = attempts.filter { trouble.isNews("cannot be read: \($0)", $0) }
        #expect(said == [.unreachable("refused")])
        let others: [(String, APIError?)] = [
            ("status 500", nil), ("status 403", nil), ("x", .invalidResponse("x")), ("y", .invalidResponse("y")),
        ]
        for (message, error) in others {
            let isNews = trouble.isNews(message, error)
            let isNewsAgain = trouble.isNews(message, error)
            #expect(isNews && !isNewsAgain, "\(message)")
        }
        trouble.end()
        let isNewsAfterwards = trouble.isNews("y", .invalidResponse("y"))
        #expect(isNewsAfterwards, "it was over")
    }

    @Test func whatNeedsSomebodyToActIsToldFromWhatMendsItself() {
        for error in [APIError.unreachable("refused"), .timedOut] {
            #expect(ToldTrouble.mendsItself(error, status: nil))
        }
        for status in [429, 500, 503] { #expect(ToldTrouble.mendsItself(nil, status: status)) }
        for status in [400, 401, 403, 422] { #expect(!ToldTrouble.mendsItself(nil, status: status)) }
        #expect(!ToldTrouble.mendsItself(.credentials("no token"), status: nil))
        #expect(!ToldTrouble.mendsItself(nil, status: nil))
    }
}
