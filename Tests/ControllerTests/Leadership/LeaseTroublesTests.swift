import Kubernetes
import Testing

@testable import Controller

@Suite struct LeaseTroublesTests {
    private typealias Answer = Result<APIResponse, APIError>

    private let away = Answer.failure(.unreachable("refused"))

    private func answer(_ status: Int) -> Answer { .success(APIResponse(status: status, body: [])) }

    @Test func everyOutageIsSaidOnceToOneWhoOnlyReads() {
        var troubles = LeaseTroubles()
        for _ in 0..<3 {
            let begun = troubles.news(.read, away, isFailed: true)
            let again = troubles.news(.read, .failure(.timedOut), isFailed: true)
            let over = troubles.news(.read, answer(200), isFailed: false)
            #expect(begun == "cannot be read: the API server \(APIError.unreachable("refused"))")
            #expect(again == nil && over == nil)
        }
    }

    @Test func oneOutageIsOneTroubleOfReadingAndWriting() {
        var troubles = LeaseTroubles()
        let said = [LeaseTroubles.Verb.written, .read, .read].compactMap { troubles.news($0, away, isFailed: true) }
        #expect(said.count == 1)
    }

    @Test func oneWhoMayReadAndNotWriteSaysSoOnce() {
        var troubles = LeaseTroubles()
        var said: [String] = []
        for _ in 0..<3 {
            _ = troubles.news(.read, answer(200), isFailed: false)
            if let reason = troubles.news(.written, answer(403), isFailed: true) { said.append(reason) }
        }
        #expect(said == ["cannot be written: the API server answers 403, no reason given"])
        _ = troubles.news(.written, answer(200), isFailed: false)
        let again = troubles.news(.written, answer(403), isFailed: true)
        #expect(again != nil, "it was over")
    }
}
