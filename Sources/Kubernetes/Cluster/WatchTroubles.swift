package import GatewayAPI
package import Reactor

/// What keeps the watches of one server from being read, by what they watch. That no answer comes is one trouble of all of them,
/// and no error before it has lasted: servers are replaced, and connections break. Belongs to the loop's thread.
package final class WatchTroubles {
    /// The problems are others than they were. Never called by `note`, `set` and `forget`, which say so.
    package var onChange: () -> Void = {}
    private var refusals: [String: String] = [:]
    /// Those that were told that no answer comes.
    private var cutOff: Set<String> = []
    private var outage: Outage?
    private var timer: (timer: EventTimer, loop: EventLoop)?

    private struct Outage {
        /// The first watch's words: those of others may differ, and so may those of the next attempt.
        var reason: String
        var hasLasted = false
    }

    package init() {}

    deinit { stopTimer() }

    /// Takes in what a watch tells. True when the problems are others now.
    package func note(_ label: String, _ event: WatchEvent, on loop: EventLoop) -> Bool {
        switch event {
        case .changed, .removed: return false
        case .synced, .absent: return forget(label)
        case .interrupted(let reason, nil): return set(label, reason)
        case .interrupted(_, let reason?):
            let wasRefused = refusals.removeValue(forKey: label) != nil
            cutOff.insert(label)
            guard outage == nil else { return wasRefused }
            outage = Outage(reason: reason)
            stopTimer()
            timer = (loop.after(WatchLimits.blip) { [weak self] in self?.lasts() }, loop)
            return true
        }
    }

    /// A trouble that is `label`'s own.
    package func set(_ label: String, _ reason: String) -> Bool {
        let isChanged = refusals.updateValue(reason, forKey: label) != reason
        return reconnected(label) || isChanged
    }

    /// What was watched is read again, or not watched any more.
    package func forget(_ label: String) -> Bool {
        let wasRefused = refusals.removeValue(forKey: label) != nil
        return reconnected(label) || wasRefused
    }

    /// True when that was the last that had no answer.
    private func reconnected(_ label: String) -> Bool {
        guard cutOff.remove(label) != nil, cutOff.isEmpty else { return false }
        outage = nil
        stopTimer()
        return true
    }

    /// The outage is no matter of a moment.
    func lasts() {
        stopTimer()
        guard outage != nil else { return }
        outage?.hasLasted = true
        onChange()
    }

    private func stopTimer() {
        if let timer { timer.loop.cancel(timer.timer) }
        timer = nil
    }

    /// - Parameters:
    ///   - server: where it is, for people.
    ///   - labels: of watches whose refusals are told elsewhere.
    package func problems(of server: String, leavingOut labels: Set<String> = []) -> [Problem] {
        var problems: [Problem] = []
        if let outage {
            problems.append(
                Problem(severity: outage.hasLasted ? .error : .warning, object: server, message: outage.reason))
        }
        return problems
            + refusals.filter { !labels.contains($0.key) }.sorted { $0.key < $1.key }.map {
                Problem(severity: .error, object: server, message: $0.value)
            }
    }
}
