import Kubernetes
import Testing

@testable import Controller

@Suite struct LeaseTroublesTests {
    private typealias Answer = Result<APIResponse, APIError>

    private static let second: UInt64 = 1_000_000_000
    private let away = Answer.failure(.unreachable("refused"))

    private func answer(_ status: Int) -> Answer { .success(APIResponse(status: status, body: [])) }

    @Test func everyOutageThatLastsIsSaidOnceToOneWhoOnlyReads() {
        var troubles = LeaseTroubles()
        let reason = "cannot be read: the API server answers 503, no reason given"
        for start in [UInt64(0), 100, 200] {
            let answers = [away, .failure(.timedOut), answer(503), away, answer(200), answer(200)]
            let news = answers.enumerated().map { second, answer in
                troubles.news(.read, answer, isFailed: second < 4, now: (start + UInt64(second)) * Self.second)
            }
            #expect(news == [[], [], [.begun(reason)], [], [.over("over after 4 s: \(reason)")], []])
        }
    }

    @Test func anOutageIsOneTroubleOfReadingAndWriting() {
        var troubles = LeaseTroubles()
        let said = [LeaseTroubles.Verb.written, .read, .written, .read].enumerated().flatMap { second, verb in
            troubles.news(verb, away, isFailed: true, now: UInt64(second) * Self.second)
        }
        #expect(said.count == 1)
    }

    @Test func oneWhoMayReadAndNotWriteSaysSoOnceAndAtOnce() {
        var troubles = LeaseTroubles()
        let reason = "cannot be written: the API server answers 403, no reason given"
        var said: [LeaseTroubles.News] = []
        for second in [UInt64(0), 1, 2] {
            said += troubles.news(.read, answer(200), isFailed: false, now: second * Self.second)
            said += troubles.news(.written, answer(403), isFailed: true, now: second * Self.second)
        }
        #expect(said == [.begun(reason)])
        let over = troubles.news(.written, answer(200), isFailed: false, now: 3 * Self.second)
        #expect(over == [.over("over after 3 s: \(reason)")])
    }

    @Test func anOutageThatEndsInARefusalIsOverAllTheSame() {
        var troubles = LeaseTroubles()
        _ = troubles.news(.read, away, isFailed: true, now: 0)
        _ = troubles.news(.read, away, isFailed: true, now: 2 * Self.second)
        let news = troubles.news(.read, answer(403), isFailed: true, now: 3 * Self.second)
        #expect(news.count == 2, "\(news)")
    }
}
