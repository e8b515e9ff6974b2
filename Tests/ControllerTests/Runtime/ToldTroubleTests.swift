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
}
