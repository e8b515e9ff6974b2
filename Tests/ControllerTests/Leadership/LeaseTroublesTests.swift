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
            #expect(news == [nil, nil, .begun(reason), nil, .over("over after 4 s: \(reason)"), nil])
        }
    }

    @Test func anOutageIsOneTroubleOfReadingAndWriting() {
        var troubles = LeaseTroubles()
        let said = [LeaseTroubles.Verb.written, .read, .written, .read].enumerated().compactMap { second, verb in
            troubles.news(verb, away, isFailed: true, now: UInt64(second) * Self.second)
        }
        #expect(said.count == 1)
    }

    @Test func oneWhoMayReadAndNotWriteSaysSoOnceAndAtOnce() {
        var troubles = LeaseTroubles()
        let reason = "cannot be written: the API server answers 403, no reason given"
        var said: [LeaseTroubles.News?] = []
        for second in [UInt64(0), 1, 2] {
            said.append(troubles.news(.read, answer(200), isFailed: false, now: second * Self.second))
            said.append(troubles.news(.written, answer(403), isFailed: true, now: second * Self.second))
        }
        #expect(said == [nil, .begun(reason), nil, nil, nil, nil])
        let over = troubles.news(.written, answer(200), isFailed: false, now: 3 * Self.second)
        #expect(over == .over("over after 3 s: \(reason)"))
    }
}
