/// Keeps the addresses of a changing set of host names current: the schedule and the DNS client put together.
///
/// The configuration thread owns it: it watches `descriptor`, calls `step` when that is readable or `nextWake` has
/// come, and builds a new snapshot when `step` names changes.
package final class HostResolver {
    private var schedule: ResolutionSchedule
    private let client: DNSClient
    /// Names that are addresses already.
    private var literals: [String: ResolvedAddress] = [:]

    /// - Parameters:
    ///   - client: asks the servers.
    ///   - seed: of the jitter; any number that differs between processes.
    package init(client: DNSClient, seed: UInt64) {
        self.client = client
        self.schedule = ResolutionSchedule(seed: seed)
    }

    /// Readable when `step` has something to do.
    package var descriptor: Int32 { client.descriptor }

    /// Names that cannot be resolved at present; they keep their last good addresses.
    package var failingNames: Int { schedule.failingNames }

    /// Replaces the names to keep current. Call `step` afterwards.
    ///
    /// - Parameter now: monotonic nanoseconds.
    /// - Returns: names refused: no host name can be written so, or there are more than `ResolverLimits.names`.
    package func want(_ names: Set<String>, now: UInt64) -> [String] {
        literals = [:]
        for name in names { literals[name] = ResolvedAddress(text: name) }
        return schedule.want(names.filter { literals[$0] == nil }, now: now)
    }

    /// Takes in answers, and asks for what is due.
    ///
    /// - Returns: the names whose addresses changed.
    package func step(now: UInt64) -> [String] {
        client.process()
        var changed = takeAnswers(now: now)
        for name in schedule.takeDue(now: now) { client.resolve(name) }
        // The hosts file answers at once.
        changed += takeAnswers(now: now)
        return changed
    }

    /// When `step` must be called at the latest; nil when there is nothing to wait for.
    package func nextWake(now: UInt64) -> UInt64? {
        let timeout = client.nextTimeout().map { now &+ $0 }
        return [timeout, schedule.nextDue].compactMap { $0 }.min()
    }

    /// The addresses to use for a name: empty when it does not exist, nil when nothing is known yet.
    package func addresses(of name: String) -> [ResolvedAddress]? {
        literals[name].map { [$0] } ?? schedule.addresses(of: name)
    }

    private func takeAnswers(now: UInt64) -> [String] {
        client.takeFinished().filter { schedule.finish($0.name, $0.outcome, now: now) }.map(\.name)
    }
}
