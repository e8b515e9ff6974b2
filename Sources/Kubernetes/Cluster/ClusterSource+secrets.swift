internal import GatewayAPI
internal import Reactor

/// Secrets, one by one: a Role can name those that a gateway may read.
extension ClusterSource {
    func reconcileSecrets(_ needed: Set<ObjectKey>) {
        guard let loop else { return }
        for (key, watch) in secretWatches where !needed.contains(key) {
            watch.stop()
            secretWatches[key] = nil
            store.remove(ResourceID(kind: .secret, key: key))
            forgetTrouble(Self.label(key))
            schedule(after: ClusterLimits.changeWindow)
        }
        for key in needed.sorted() where secretWatches[key] == nil && secretWatches.count < ClusterLimits.secretWatches
        {
            secretWatches[key] = watch(key, on: loop)
        }
        let isTooMany = secretWatches.count < needed.count
        guard isTooMany != hasTooManySecrets else { return }
        hasTooManySecrets = isTooMany
        store.noteProblems()
        schedule(after: ClusterLimits.changeWindow)
    }

    private func watch(_ key: ObjectKey, on loop: EventLoop) -> ResourceWatch {
        let only = WatchScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
        return begin(ResourceKind.secret.api, only, label: Self.label(key), on: loop) { [weak self] event in
            switch event {
            case .changed(let secret): self?.store.put(secret, as: .secret)
            case .removed, .absent: self?.store.remove(ResourceID(kind: .secret, key: key))
            case .synced, .interrupted: break
            }
        }
    }

    static func label(_ key: ObjectKey) -> String { "Secret \(key)" }
}
