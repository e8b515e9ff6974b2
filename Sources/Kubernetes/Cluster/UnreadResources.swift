package import GatewayAPI

/// What a command's caller has no right to read. It is said, and nothing is concluded from its absence.
package struct UnreadResources: Hashable, Sendable {
    /// What could not be read.
    package var kind: ResourceKind
    /// Nil: those of the whole cluster.
    package var namespace: String?
    /// Those that were asked for, by name; empty: all.
    package var names: [String] = []

    /// As a message names them.
    fileprivate var plural: String {
        if kind.rawValue.hasSuffix("cy") { return "\(kind.rawValue.dropLast())ies" }
        return kind.rawValue + (kind.rawValue.hasSuffix("s") ? "es" : "s")
    }

    private var resource: String {
        kind.api.group.isEmpty ? kind.api.plural : "\(kind.api.plural).\(kind.api.group)"
    }

    /// That they were not looked at, why, and how to ask for the right.
    package var problem: Problem {
        let place = namespace.map { "namespace \($0)" } ?? "the cluster"
        let scope = kind.isNamespaced ? namespace.map { " -n \($0)" } ?? " -A" : ""
        let consequence =
            switch kind {
            case .secret: "whether the certificates in them are good is not known"
            case .backendTLSPolicy: "which backends are to be called over TLS is not known"
            case .grpcRoute, .tlsRoute, .tcpRoute: "which Services they close is not known"
            case .udpRoute, .listenerSet, .backendTrafficPolicy: "they are not served, whatever they are"
            default: "what seems to be missing with them is a warning, not an error"
            }
        return Problem(
            severity: .warning, id: .notLookedAt, object: "\(plural) of \(place)", value: names.joined(separator: ", "),
            message:
                "not looked at: no right to read them (kubectl auth can-i list \(resource)\(scope)); \(consequence)")
    }

    /// Whether a problem of the plan may be due to nothing but that these were not read. The plan knows nothing of
    /// rights: it says of them what it says of objects that do not exist. Secrets are read one by one: those that may
    /// not be have stand-ins, and what is said to be missing is.
    fileprivate func mayExplain(_ dependsOn: ResourceKinds) -> Bool {
        kind != .secret && dependsOn.contains(ResourceKinds(kind))
    }
}

extension SourceState {
    /// A problem of the plan, as sure as it is with what could be read.
    package func weighed(_ problem: Problem) -> Problem {
        let doubt = doubt(problem.dependsOn)
        guard !doubt.isEmpty else { return problem }
        var weighed = problem
        weighed.severity = .warning
        weighed.message += doubt
        return weighed
    }

    /// What is to be added to a conclusion that depends on these kinds: which of them were not read. Empty when all
    /// were.
    package func doubt(_ dependsOn: ResourceKinds) -> String {
        let doubts = unread.filter { $0.mayExplain(dependsOn) }.map(\.plural)
        return doubts.isEmpty ? "" : "; not certain, \(doubts.joined(separator: " and ")) were not looked at"
    }

    /// Puts a Secret that says nothing in the place of each that could not be read, so that nobody takes it for
    /// missing.
    mutating func standIn(for unread: UnreadResources) {
        guard unread.kind == .secret, let namespace = unread.namespace else { return }
        for name in unread.names {
            let metadata = ObjectMeta(key: ObjectKey(namespace: namespace, name: name))
            resources.insert(.secret(Secret(metadata: metadata, certificateChain: [], privateKey: [])))
        }
    }
}
