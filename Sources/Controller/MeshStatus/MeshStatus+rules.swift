/// Whether the connections of a proxy's pod come to it.
extension MeshStatus.Entry {
    /// As the table shows it.
    package enum Rules: String, Hashable, Sendable {
        case inPlace = "in place"
        case missing
        case unknown
        /// Nobody redirects the pod's connections, and nobody is meant to.
        case none
        /// A gateway's connections are addressed to it.
        case notNeeded = "-"
    }

    /// What the proxy has found decides; where it tells nothing, what became of the container that redirects.
    package var rules: Rules {
        guard pod.redirect != .notNeeded else { return .notNeeded }
        guard let told = report?.rules.flatMap({ Rules(rawValue: $0.state) }) else {
            switch pod.redirect {
            case .failed: return .missing
            case .none: return .none
            case .installed, .waiting, .notNeeded: return .unknown
            }
        }
        // A proxy that expects no rules is content without; a container that put some there says that they are meant to
        // be.
        return told == .none && pod.redirect != .none ? .unknown : told
    }

    /// Why the rules are as the table shows them; nil where that needs no words.
    var rulesNote: String? {
        switch rules {
        case .inPlace, .notNeeded: return nil
        case .none: return "its connections are not redirected"
        case .missing:
            guard pod.redirect != .failed else { return "its redirect container failed" }
            let lacking = report?.rules?.lacking.joined(separator: ", ") ?? ""
            return "connections pass it by" + (lacking.isEmpty ? "" : " (\(lacking))")
        case .unknown:
            switch pod.redirect {
            case .waiting: return "its redirect container has not ended"
            case .installed where report == nil: return nil
            case .installed where report?.rules == nil: return "it does not look at the rules"
            case .installed, .none, .failed, .notNeeded: return "its rules cannot be checked"
            }
        }
    }
}
