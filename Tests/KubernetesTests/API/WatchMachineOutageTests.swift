import GatewayAPI
import Testing

@testable import Kubernetes

/// What a watch does about a server that does not answer, as against one that refuses.
@Suite struct WatchMachineOutageTests {
    private static let kind = APIKind(group: "g.io", versions: ["v1"], plural: "things", kind: "Thing")

    private func refusal(_ status: Int) -> Refusal { Refusal(status: status, message: "words", retryAfter: nil) }

    private func started() -> WatchMachine {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        return machine
    }

    private func pauses(_ actions: [WatchMachine.Action]) -> Bool {
        if case .pause? = actions.last { true } else { false }
    }

    @Test func versionsThatExpiredInSeveralOutagesAreNoRow() {
        var machine = started()
        for _ in 0..<5 {
            _ = machine.page(resourceVersion: "10", continuation: nil)
            _ = machine.opened()
            _ = machine.failed(.timedOut, age: WatchLimits.settled)
            _ = machine.pauseEnded()
            let told = machine.refused(refusal(410)).contains { if case .tell = $0 { true } else { false } }
            #expect(!told, "the watch before it was in order")
            _ = machine.pauseEnded()
        }
    }

    @Test func onlyWhoGotNoAnswerWaitsForOne() {
        for error in [APIError.unreachable("refused"), .timedOut, .cancelled] {
            var machine = started()
            #expect(machine.failed(error).last == .wait)
        }
        for error in [APIError.credentials("no token"), .tooLarge(1), .invalidResponse("x")] {
            var machine = started()
            #expect(pauses(machine.failed(error)))
        }
        for status in [401, 403, 404, 410, 429, 500, 503] {
            var machine = started()
            #expect(pauses(machine.refused(refusal(status))), "\(status)")
        }
    }

    @Test func theFirstAnswerIsPassedOnOnce() {
        var machine = started()
        _ = machine.failed(.unreachable("refused"))
        _ = machine.pauseEnded()
        #expect(machine.page(resourceVersion: "10", continuation: "next").first == .answered)
        #expect(!machine.page(resourceVersion: "10", continuation: nil).contains(.answered))
        #expect(machine.opened() == [])
        _ = machine.failed(.timedOut, age: WatchLimits.settled)
        _ = machine.pauseEnded()
        #expect(machine.opened() == [.answered])
    }

    @Test(arguments: [401, 403, 404])
    func aRefusalIsAnAnswerToo(_ status: Int) {
        var machine = started()
        _ = machine.failed(.unreachable("refused"))
        _ = machine.pauseEnded()
        #expect(machine.refused(refusal(status)).first == .answered)
        _ = machine.pauseEnded()
        #expect(!machine.refused(refusal(status)).contains(.answered))
    }

    @Test(arguments: [429, 500, 503])
    func aServerThatIsNotWellIsNotSaidToBeBackUntilItIs(_ status: Int) {
        var machine = started()
        _ = machine.failed(.unreachable("refused"))
        _ = machine.pauseEnded()
        #expect(!machine.refused(refusal(status)).contains(.answered))
        _ = machine.pauseEnded()
        #expect(machine.page(resourceVersion: "10", continuation: nil).contains(.answered))
    }

    /// A server that has just started refuses for a moment.
    @Test func pausesAfterRefusalsBeginAnewAfterAnOutage() {
        var machine = started()
        for _ in 0..<20 {
            #expect(machine.failed(.timedOut).last == .wait)
            _ = machine.pauseEnded()
        }
        guard case .pause(let time)? = machine.refused(refusal(503)).last else {
            Issue.record("no pause after a refusal")
            return
        }
        #expect(time <= WatchLimits.firstPause)
    }
}
