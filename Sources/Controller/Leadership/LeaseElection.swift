/// Who leads, decided by a Lease: a state machine without clock, network or timers.
///
/// A lease counts as held for as long as its record was seen to change within its duration *on this machine's own
/// clock*; the times written in it are other machines' and are never compared. The leader stops leading well before
/// others may take over (renewal deadline 10 s, duration 15 s), so that two never lead at once unless a clock runs half
/// as fast as another.
struct LeaseElection {
    struct Timing: Sendable {
        var durationSeconds: Int64 = 15
        /// Nanoseconds that a leader leads after its last successful renewal.
        var renewDeadline: UInt64 = 10_000_000_000
        /// Nanoseconds between renewals, and between attempts.
        var retryPeriod: UInt64 = 2_000_000_000

        init() {}
    }

    enum Action: Hashable {
        case read
        case create(LeaseRecord)
        case update(LeaseRecord, resourceVersion: String)
        /// Nanoseconds until `begin` is called again.
        case wait(UInt64)
    }

    /// What reading the Lease gave.
    enum Reading {
        case found(LeaseRecord, resourceVersion: String)
        case missing
        case failed

        var isFailed: Bool { if case .failed = self { true } else { false } }
    }

    /// What writing it gave.
    enum Writing {
        case written(resourceVersion: String)
        /// Somebody else was faster.
        case conflict
        case failed

        var isFailed: Bool { if case .failed = self { true } else { false } }
    }

    private struct Observation {
        var record: LeaseRecord
        var resourceVersion: String
        /// When the record was first seen like this.
        var since: UInt64
    }

    /// What another's record may make us wait for at most: a hostile or mistyped one must not lock the controller out.
    private static let longestDuration: Int64 = 3600
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    let identity: String
    let timing: Timing
    private var observed: Observation?
    private var renewedAt: UInt64?
    /// Sent and not yet answered.
    private var pending: (record: LeaseRecord, sentAt: UInt64)?

    init(identity: String, timing: Timing = Timing()) {
        self.identity = identity
        self.timing = timing
    }

    /// Whether this process leads at a moment.
    func isLeader(now: UInt64) -> Bool { leadsUntil.map { now < $0 } ?? false }

    /// When leading ends unless it is renewed; nil when not leading.
    var leadsUntil: UInt64? { renewedAt.map { $0 &+ timing.renewDeadline } }

    /// Begins an attempt to take or renew the lease.
    /// - Parameter time: the wall clock as a Lease writes it.
    mutating func begin(now: UInt64, time: String) -> Action {
        guard isLeader(now: now), let observed else {
            renewedAt = nil
            return .read
        }
        return update(observed, now: now, time: time)
    }

    mutating func read(_ reading: Reading, now: UInt64, time: String, spread: Double) -> Action {
        switch reading {
        case .failed:
            return pause(spread)
        case .missing:
            observed = nil
            return send(.create, record(after: nil, time: time), now: now)
        case .found(let record, let version):
            observe(record, version, now)
            guard let observed else { return pause(spread) }
            return isHeldByAnother(observed, now) ? pause(spread) : update(observed, now: now, time: time)
        }
    }

    mutating func written(_ writing: Writing, now: UInt64, spread: Double) -> Action {
        guard let sent = pending else { return pause(spread) }
        pending = nil
        switch writing {
        case .written(let version):
            observed = Observation(record: sent.record, resourceVersion: version, since: now)
            // Counted from before it was sent: others count from when they see it, which is later.
            renewedAt = sent.record.holder == identity ? sent.sentAt : nil
            return .wait(timing.retryPeriod)
        case .conflict:
            observed = nil
            // A leader looks at once who has written; anybody else was simply too late.
            return isLeader(now: now) ? .read : pause(spread)
        case .failed:
            return pause(spread)
        }
    }

    /// Gives the lease up, so that another need not wait for it to run out. Not leading from now on.
    mutating func release(time: String) -> Action? {
        guard renewedAt != nil, let observed, observed.record.holder == identity else { return nil }
        renewedAt = nil
        var record = observed.record
        record.holder = ""
        record.durationSeconds = 1
        record.renewTime = time
        return .update(record, resourceVersion: observed.resourceVersion)
    }

    private mutating func update(_ current: Observation, now: UInt64, time: String) -> Action {
        send(
            .update(resourceVersion: current.resourceVersion), record(after: current.record, time: time), now: now)
    }

    private enum Kind {
        case create
        case update(resourceVersion: String)
    }

    private mutating func send(_ kind: Kind, _ record: LeaseRecord, now: UInt64) -> Action {
        pending = (record, now)
        return switch kind {
        case .create: .create(record)
        case .update(let version): .update(record, resourceVersion: version)
        }
    }

    private func record(after current: LeaseRecord?, time: String) -> LeaseRecord {
        let isRenewal = current?.holder == identity
        return LeaseRecord(
            holder: identity, durationSeconds: timing.durationSeconds,
            acquireTime: isRenewal ? current?.acquireTime ?? time : time, renewTime: time,
            transitions: isRenewal
                ? current?.transitions ?? 0 : min(max(current?.transitions ?? -1, -1), Int64.max - 1) + 1)
    }

    private mutating func observe(_ record: LeaseRecord, _ version: String, _ now: UInt64) {
        if observed?.record == record {
            observed?.resourceVersion = version
        } else {
            observed = Observation(record: record, resourceVersion: version, since: now)
        }
        if record.holder != identity { renewedAt = nil }
    }

    private func isHeldByAnother(_ observation: Observation, _ now: UInt64) -> Bool {
        let record = observation.record
        guard !record.holder.isEmpty, record.holder != identity else { return false }
        let seconds = UInt64(min(max(record.durationSeconds, 1), Self.longestDuration))
        return now < observation.since &+ seconds &* Self.nanosecondsPerSecond
    }

    /// Candidates spread out, so that they do not all write at once.
    private func pause(_ spread: Double) -> Action {
        let share = min(max(spread, 0), 1)
        return .wait(timing.retryPeriod &+ UInt64(Double(timing.retryPeriod) * share))
    }
}
