internal import GatewayAPI

/// What the caller may read. A proxy waits for its rights; a command does with those that there are.
extension ClusterSource {
    /// Every kind has been read, is not served or may not be read, and something has been read.
    var isReadAsAllowed: Bool {
        if isKnown { return true }
        let watches = kindWatches.values
        return watches.contains { $0.isSynced }
            && watches.allSatisfy { $0.isSynced || $0.isAbsent || $0.isForbidden }
    }

    /// Nothing has been read and nothing will be soon. A proxy tries again; who has given a command wants to know.
    var isHopeless: Bool { kindWatches.values.allSatisfy { $0.isHopeless && !$0.isSynced } }

    /// What was refused for want of a right before any of it was read, and the labels of all watches that are refused
    /// so: of one that has been read nothing is missing.
    var unread: (resources: [UnreadResources], labels: Set<String>) {
        var resources: [UnreadResources] = []
        var labels: Set<String> = []
        for kind in ResourceKind.allCases {
            guard let watch = kindWatches[kind], watch.isForbidden else { continue }
            labels.insert(kind.rawValue)
            if !watch.isSynced { resources.append(UnreadResources(kind: kind)) }
        }
        for (interest, watch) in sliceWatches where watch.isForbidden {
            labels.insert(Self.label(interest))
            if !watch.isSynced {
                resources.append(UnreadResources(kind: .endpointSlice, namespace: interest.scope.namespace))
            }
        }
        var secrets: [String: [String]] = [:]
        for (key, watch) in secretWatches.sorted(by: { $0.key < $1.key }) where watch.isForbidden {
            labels.insert(Self.label(key))
            if !watch.isSynced { secrets[key.namespace, default: []].append(key.name) }
        }
        resources += secrets.sorted { $0.key < $1.key }.map {
            UnreadResources(kind: .secret, namespace: $0.key, names: $0.value)
        }
        return (resources, labels)
    }
}
