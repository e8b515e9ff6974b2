import GatewayAPI
import Testing

@testable import Controller

@Suite struct LeaseElectionTests {
    private let second: UInt64 = 1_000_000_000

    private func record(_ holder: String, renew: String = "t1", duration: Int64 = 15) -> LeaseRecord {
        LeaseRecord(
            holder: holder, durationSeconds: duration, acquireTime: "t0", renewTime: renew, transitions: 4)
    }

    /// A leader as of time 0.
    private func leader() -> LeaseElection {
        var election = LeaseElection(identity: "me")
        _ = election.begin(now: 0, time: "t")
        _ = election.read(.missing, now: 0, time: "t", spread: 0)
        _ = election.written(.written(resourceVersion: "1"), now: 0, spread: 0)
        return election
    }

    @Test func anAbsentLeaseIsMade() {
        var election = LeaseElection(identity: "me")
        #expect(election.begin(now: 0, time: "t") == .read)
        let made = LeaseRecord(holder: "me", durationSeconds: 15, acquireTime: "t", renewTime: "t", transitions: 0)
        #expect(election.read(.missing, now: 0, time: "t", spread: 0) == .create(made))
        #expect(!election.isLeader(now: 0))
        #expect(election.written(.written(resourceVersion: "1"), now: 1, spread: 0) == .wait(2 * second))
        #expect(election.isLeader(now: 1))
    }

    @Test func ofTwoThatMakeItOneIsTooLate() {
        var election = LeaseElection(identity: "me")
        _ = election.begin(now: 0, time: "t")
        _ = election.read(.missing, now: 0, time: "t", spread: 0)
        #expect(election.written(.conflict, now: 0, spread: 1) == .wait(4 * second))
        #expect(!election.isLeader(now: 0))
    }

    @Test func anothersLeaseIsTakenOnceItHasNotChangedForItsDurationOnOurClock() {
        var election = LeaseElection(identity: "me")
        func attempt(_ record: LeaseRecord, at now: UInt64) -> LeaseElection.Action {
            _ = election.begin(now: now, time: "t")
            return election.read(.found(record, resourceVersion: "7"), now: now, time: "t", spread: 0)
        }
        #expect(attempt(record("other", renew: "1970-01-01T00:00:00Z"), at: 0) == .wait(2 * second), "clocks differ")
        #expect(attempt(record("other", renew: "1970-01-01T00:00:00Z"), at: 14 * second) == .wait(2 * second))
        #expect(attempt(record("other", renew: "t2"), at: 15 * second) == .wait(2 * second), "it was renewed")
        let taken = LeaseRecord(holder: "me", durationSeconds: 15, acquireTime: "t", renewTime: "t", transitions: 5)
        #expect(attempt(record("other", renew: "t2"), at: 30 * second) == .update(taken, resourceVersion: "7"))
    }

    @Test func aReleasedLeaseIsTakenAtOnce() {
        var election = LeaseElection(identity: "me")
        _ = election.begin(now: 0, time: "t")
        guard
            case .update = election.read(.found(record(""), resourceVersion: "7"), now: 0, time: "t", spread: 0)
        else {
            Issue.record("not taken")
            return
        }
    }

    @Test func anAbsurdDurationDoesNotLockOut() {
        var election = LeaseElection(identity: "me")
        for now in [0, 3600 * second] {
            _ = election.begin(now: now, time: "t")
            let action = election.read(
                .found(record("other", duration: .max), resourceVersion: "7"), now: now, time: "t", spread: 0)
            if now == 0 {
                #expect(action == .wait(2 * second))
            } else {
                guard case .update = action else {
                    Issue.record("not taken")
                    return
                }
            }
        }
    }

    @Test func aLeaderRenewsWithoutReading() {
        var election = leader()
        guard case .update(let renewal, "1") = election.begin(now: 2 * second, time: "t2") else {
            Issue.record("not renewed")
            return
        }
        #expect(renewal.acquireTime == "t")
        #expect(renewal.renewTime == "t2")
        #expect(renewal.transitions == 0)
    }

    @Test func leadingEndsTenSecondsAfterTheLastRenewalWasSent() {
        var election = leader()
        #expect(election.isLeader(now: 10 * second - 1))
        #expect(!election.isLeader(now: 10 * second))
        _ = election.begin(now: 2 * second, time: "t")
        // The answer comes late: the others' time began when it was written, not when we heard of it.
        _ = election.written(.written(resourceVersion: "2"), now: 6 * second, spread: 0)
        #expect(election.isLeader(now: 12 * second - 1))
        #expect(!election.isLeader(now: 12 * second))
        #expect(election.begin(now: 12 * second, time: "t") == .read)
    }

    @Test func failedRenewalsAreTriedAgain() {
        var election = leader()
        _ = election.begin(now: 2 * second, time: "t")
        #expect(election.written(.failed, now: 3 * second, spread: 0) == .wait(2 * second))
        #expect(election.isLeader(now: 5 * second))
        guard case .update = election.begin(now: 5 * second, time: "t") else {
            Issue.record("not tried again")
            return
        }
    }

    @Test func aLeaderWhoseLeaseAnotherHasWrittenStopsAtOnce() {
        var election = leader()
        _ = election.begin(now: 2 * second, time: "t")
        #expect(election.written(.conflict, now: 2 * second, spread: 0) == .read)
        _ = election.read(.found(record("other"), resourceVersion: "9"), now: 2 * second, time: "t", spread: 0)
        #expect(!election.isLeader(now: 2 * second))
    }

    @Test func aLeaderGivesTheLeaseUp() {
        var election = leader()
        guard case .update(let record, "1") = election.release(time: "t9") else {
            Issue.record("not released")
            return
        }
        #expect(record.holder == "")
        #expect(!election.isLeader(now: 0))
        #expect(election.release(time: "t9") == nil)
    }

    @Test func timesAreMicroTimes() {
        #expect(MicroTime.text(milliseconds: 0) == "1970-01-01T00:00:00.000000Z")
        #expect(MicroTime.text(milliseconds: 1_709_208_000_007) == "2024-02-29T12:00:00.007000Z")
    }
}
