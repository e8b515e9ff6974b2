import Testing

@testable import Proxy

@Suite struct ReloadLineTests {
    @Test func theFirstChangeIsToldAtOnce() {
        var line = ReloadLine()
        #expect(line.changed(now: 5) == .write(1))
    }

    @Test func changesInAPauseAreToldTogetherAtItsEnd() {
        var line = ReloadLine()
        #expect(line.changed(now: 0) == .write(1))
        #expect(line.changed(now: 1) == .wait(ReloadLine.pause - 1))
        for now in 2..<100 { #expect(line.changed(now: UInt64(now)) == .none) }
        #expect(line.due(now: ReloadLine.pause) == .write(99))
        #expect(line.changed(now: ReloadLine.pause + 1) == .wait(ReloadLine.pause - 1))
    }

    @Test func aChangeAfterAPauseIsToldAtOnceAgain() {
        var line = ReloadLine()
        #expect(line.changed(now: 0) == .write(1))
        #expect(line.changed(now: ReloadLine.pause) == .write(1))
    }
}
