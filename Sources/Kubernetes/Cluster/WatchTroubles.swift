package import GatewayAPI

/// What keeps the watches of one server from being read, by what they watch. That no answer comes is one trouble of all
/// of them.
package struct WatchTroubles {
    private var refusals: [String: String] = [:]
    /// Those that were told that no answer comes.
    private var cutOff: Set<String> = []
    /// Why no answer comes, in the first watch's words: those of others may differ, and so may those of the next
    /// attempt.
    private var outage: String?

    package init() {}

    /// Takes in what a watch tells. True when the problems are others now.
    package mutating func note(_ label: String, _ event: WatchEvent) -> Bool {
        switch event {
        case .changed, .removed: return false
        case .synced, .absent: return forget(label)
        case .interrupted(let reason, nil): return set(label, reason)
        case .interrupted(_, let reason?):
            let wasRefused = refusals.removeValue(forKey: label) != nil
            cutOff.insert(label)
            guard outage == nil else { return wasRefused }
            outage = reason
            return true
        }
    }

    /// A trouble that is `label`'s own.
    package mutating func set(_ label: String, _ reason: String) -> Bool {
        let isChanged = refusals.updateValue(reason, forKey: label) != reason
        return reconnected(label) || isChanged
    }

    /// What was watched is read again, or not watched any more.
    package mutating func forget(_ label: String) -> Bool {
        let wasRefused = refusals.removeValue(forKey: label) != nil
        return reconnected(label) || wasRefused
    }

    /// True when that was the last that had no answer.
    private mutating func reconnected(_ label: String) -> Bool {
        guard cutOff.remove(label) != nil, cutOff.isEmpty else { return false }
        outage = nil
        return true
    }

    /// - Parameters:
    ///   - server: where it is, for people.
    ///   - labels: of watches whose refusals are told elsewhere.
    package func problems(of server: String, leavingOut labels: Set<String> = []) -> [Problem] {
        let own = refusals.filter { !labels.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
        return ((outage.map { [$0] } ?? []) + own).map {
            Problem(severity: .error, id: .unreadableSource, object: server, message: $0)
        }
    }
}
