import Testing

@testable import Resolver

private let second: UInt64 = 1_000_000_000

private func v4(_ last: UInt8) -> ResolvedAddress {
    guard let address = ResolvedAddress(text: "10.0.0.\(last)") else { preconditionFailure("10.0.0.\(last)") }
    return address
}

private func answer(_ addresses: [ResolvedAddress], ttl: Int = 10) -> ResolutionOutcome {
    ResolutionOutcome(v4: .addresses(addresses, ttlSeconds: ttl), v6: .absent)
}

private let failure = ResolutionOutcome(v4: .failed, v6: .failed)
private let absence = ResolutionOutcome(v4: .absent, v6: .absent)

@Suite struct ResolutionScheduleTests {
    private func schedule(wanting names: Set<String> = ["a.test"]) -> ResolutionSchedule {
        var schedule = ResolutionSchedule(seed: 1)
        #expect(schedule.want(names, now: 0).isEmpty)
        return schedule
    }

    @Test func aNameIsDueAtOnceAndNotTwice() {
        var schedule = schedule()
        #expect(schedule.addresses(of: "a.test") == nil)
        #expect(schedule.takeDue(now: 0) == ["a.test"])
        #expect(schedule.takeDue(now: 100 * second).isEmpty)
    }

    @Test(arguments: [(0, 1), (10, 10), (100_000, 300), (-5, 1)] as [(Int, UInt64)])
    func anAnswerHoldsForItsTTLWithinBounds(ttl: Int, seconds: UInt64) {
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        let changed = schedule.finish("a.test", answer([v4(1)], ttl: ttl), now: 5)
        #expect(changed)
        #expect(schedule.nextDue == 5 + seconds * second)
        #expect(schedule.takeDue(now: 4 + seconds * second).isEmpty)
        #expect(schedule.takeDue(now: 5 + seconds * second) == ["a.test"])
    }

    @Test func theSameAddressesInAnotherOrderAreNoChange() {
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        _ = schedule.finish("a.test", answer([v4(1), v4(2), v4(1)]), now: 0)
        #expect(schedule.addresses(of: "a.test") == [v4(1), v4(2)])
        _ = schedule.takeDue(now: 20 * second)
        let changed = schedule.finish("a.test", answer([v4(2), v4(1)]), now: 20 * second)
        #expect(!changed)
    }

    @Test func failuresKeepTheLastGoodAnswerAndBackOff() {
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        _ = schedule.finish("a.test", answer([v4(1)]), now: 0)
        var now = 10 * second
        for failures in 1...20 {
            #expect(schedule.takeDue(now: now) == ["a.test"])
            let changed = schedule.finish("a.test", failure, now: now)
            #expect(!changed && schedule.failingNames == 1)
            #expect(schedule.addresses(of: "a.test") == [v4(1)])
            let full = min(second << UInt64(failures - 1), 60 * second)
            let wait = (schedule.nextDue ?? 0) - now
            #expect(wait >= full / 2 && wait <= full)
            now += wait
        }
        _ = schedule.takeDue(now: now)
        let changed = schedule.finish("a.test", answer([v4(2)]), now: now)
        #expect(changed && schedule.failingNames == 0)
        #expect(schedule.nextDue == now + 10 * second)
    }

    @Test func jitterDiffersBetweenSeeds() {
        let waits = (UInt64(0)..<8).map { seed in
            var schedule = ResolutionSchedule(seed: seed)
            _ = schedule.want(["a.test"], now: 0)
            _ = schedule.takeDue(now: 0)
            _ = schedule.finish("a.test", failure, now: 0)
            return schedule.nextDue ?? 0
        }
        #expect(Set(waits).count > 4)
    }

    @Test func onlyRepeatedAbsenceTakesAddressesAway() {
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        _ = schedule.finish("a.test", answer([v4(1)]), now: 0)
        for round in 1...3 {
            let now = UInt64(round) * 100 * second
            _ = schedule.takeDue(now: now)
            let changed = schedule.finish("a.test", absence, now: now)
            #expect(changed == (round == 3))
            #expect(schedule.addresses(of: "a.test") == (round == 3 ? [] : [v4(1)]))
        }
    }

    @Test func aNameThatNeverExistedIsKnownToBeAbsent() {
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        let changed = schedule.finish("a.test", absence, now: 0)
        #expect(changed && schedule.addresses(of: "a.test") == [])
    }

    @Test func aFamilyThatFailedKeepsItsAddresses() throws {
        let v6 = try #require(ResolvedAddress(text: "2001:db8::1"))
        var schedule = schedule()
        _ = schedule.takeDue(now: 0)
        let both = ResolutionOutcome(
            v4: .addresses([v4(1)], ttlSeconds: 10), v6: .addresses([v6], ttlSeconds: 4))
        _ = schedule.finish("a.test", both, now: 0)
        #expect(schedule.nextDue == 4 * second)
        _ = schedule.takeDue(now: 4 * second)
        let half = ResolutionOutcome(v4: .addresses([v4(2)], ttlSeconds: 10), v6: .failed)
        _ = schedule.finish("a.test", half, now: 4 * second)
        #expect(schedule.addresses(of: "a.test") == [v4(2), v6])
    }

    @Test func namesAndAddressesAreBounded() {
        var schedule = ResolutionSchedule(seed: 1)
        let names = Set((0..<ResolverLimits.names + 5).map { "n\($0).test" })
        #expect(schedule.want(names, now: 0).count == 5)
        let due = schedule.takeDue(now: 0)
        #expect(due.count == ResolverLimits.inFlight)
        #expect(schedule.nextDue == nil)
        let many = (0..<ResolverLimits.addressesPerFamily + 50).map { v4(UInt8($0)) }
        _ = schedule.finish(due[0], answer(many), now: 0)
        #expect(schedule.addresses(of: due[0])?.count == ResolverLimits.addressesPerFamily)
    }

    @Test func aForgottenNameIsGoneAndItsAnswerIgnored() {
        var schedule = schedule(wanting: ["a.test", "b.test"])
        _ = schedule.takeDue(now: 0)
        _ = schedule.finish("b.test", answer([v4(1)]), now: 0)
        #expect(schedule.want(["b.test"], now: 1).isEmpty)
        let changed = schedule.finish("a.test", answer([v4(1)]), now: 1)
        #expect(!changed && schedule.addresses(of: "a.test") == nil)
        #expect(schedule.addresses(of: "b.test") == [v4(1)])
    }

    @Test(arguments: ["", ".", "a..b", "a b", "a/b", "caf\u{e9}", "a\0b", String(repeating: "a", count: 64)])
    func whatIsNoHostNameIsRefused(name: String) {
        var schedule = ResolutionSchedule(seed: 1)
        #expect(schedule.want([name], now: 0) == [name])
    }

    @Test func addressesAreWrittenAndReadAsText() {
        for text in ["10.1.2.3", "2001:db8::1", "::", "::ffff:1.2.3.4"] {
            #expect(ResolvedAddress(text: text)?.description == text)
        }
        #expect(ResolvedAddress(text: "10.1.2") == nil)
        #expect(ResolvedAddress(text: "1.2.3.4")?.bytes == [1, 2, 3, 4])
    }
}
