import Balancing
import Testing

@Suite("Attempts that nobody has asked for")
struct FreeAttemptsTests {
    private func mayFollow(
        _ attempts: inout FreeAttempts, _ failure: EndpointFailure, isIdempotent: Bool = false, isWhole: Bool = true,
        isTrial: Bool = false, endpoints: Int = 3, now: UInt64 = 5
    ) -> Bool {
        attempts.mayFollow(
            FreeAttempts.end(failure, isTrial: isTrial), isIdempotent: isIdempotent, isWhole: isWhole,
            endpoints: endpoints, now: now)
    }

    @Test(
        "What no application has seen is tried at each endpoint once, whatever the method",
        arguments: [EndpointFailure.refused, .applicationDown])
    func unseen(failure: EndpointFailure) {
        var attempts = FreeAttempts()
        #expect(attempts.since == .max && !attempts.areUnderWay && attempts.count == 1)
        #expect(mayFollow(&attempts, failure) && mayFollow(&attempts, failure, now: 8))
        #expect(attempts.count == 3)
        #expect(!mayFollow(&attempts, failure), "there were three")
        #expect(attempts.count == 3, "and no fourth")
        #expect(attempts.since == 5 && attempts.areUnderWay && !attempts.isRepetition)
        var alone = FreeAttempts()
        #expect(!mayFollow(&alone, failure, endpoints: 1))
        var many = FreeAttempts()
        #expect((0..<99).count { _ in mayFollow(&many, failure, endpoints: 99) } == FreeAttempts.limit - 1)
    }

    @Test(
        "What may have been seen is sent again once, if it is idempotent and whole",
        arguments: [EndpointFailure.stale, .vanished])
    func repeatable(failure: EndpointFailure) {
        var attempts = FreeAttempts()
        #expect(mayFollow(&attempts, failure, isIdempotent: true, endpoints: 1) && attempts.isRepetition)
        #expect(!mayFollow(&attempts, failure, isIdempotent: true))
        var refused = FreeAttempts()
        #expect(mayFollow(&refused, failure, isIdempotent: true) && mayFollow(&refused, .refused, isIdempotent: true))
        #expect(!refused.isRepetition)
        var post = FreeAttempts()
        #expect(!mayFollow(&post, failure))
        var gone = FreeAttempts()
        #expect(!mayFollow(&gone, failure, isIdempotent: true, isWhole: false))
    }

    @Test("An attempt that was cut is the last, unless the proxy chose a doubtful endpoint for it")
    func cut() {
        var attempts = FreeAttempts()
        #expect(!mayFollow(&attempts, .cut, isIdempotent: true))
        var trial = FreeAttempts()
        #expect(mayFollow(&trial, .cut, isIdempotent: true, isTrial: true))
        var post = FreeAttempts()
        #expect(!mayFollow(&post, .cut, isTrial: true))
    }

    @Test("A proxy tells of an application that is down, or has cut a request, and of nothing else")
    func told() {
        func read(_ text: String) -> EndpointFailure? {
            Array(text.utf8).withUnsafeBytes { EndpointFailure(told: $0) }
        }
        #expect(read("connect") == .applicationDown && read("reset") == .cut)
        for text in ["", "connec", "connects", "Connect", "refused"] { #expect(read(text) == nil) }
        for failure in [EndpointFailure.applicationDown, .cut] {
            let line = failure.toldLine.map { "\($0)" } ?? ""
            #expect(line.hasPrefix("weir-failure: ") && line.hasSuffix("\r\n"))
            #expect(read(String(line.dropFirst(14).dropLast())) == failure)
        }
        #expect(EndpointFailure.refused.toldLine == nil)
    }
}
