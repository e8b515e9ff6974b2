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
            if servesNoSecrets { store.noteProblems() }
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
            guard let self else { return }
            switch event {
            case .changed(let secret): store.put(secret, as: .secret)
            case .removed: store.remove(ResourceID(kind: .secret, key: key))
            case .absent:
                store.remove(ResourceID(kind: .secret, key: key))
                note(servesNoSecrets: true)
            case .synced: note(servesNoSecrets: false)
            case .interrupted: break
            }
        }
    }

    private func note(servesNoSecrets: Bool) {
        if servesNoSecrets || self.servesNoSecrets { store.noteProblems() }
        self.servesNoSecrets = servesNoSecrets
    }

    /// A controller's served API has no Secrets, and never will: whoever starts a gateway there has to be told that it
    /// is not the Secret that is missing.
    var unreadableCertificates: [Problem] {
        guard servesNoSecrets else { return [] }
        return resources.gateways.values.sorted { $0.metadata.key < $1.metadata.key }.flatMap { gateway in
            gateway.listeners.enumerated().flatMap { position, listener in
                (listener.tls?.certificateRefs ?? []).enumerated().compactMap { index, reference in
                    let namespace = reference.namespace ?? gateway.metadata.key.namespace
                    let key = ObjectKey(namespace: namespace, name: reference.name)
                    guard secretWatches[key] != nil else { return nil }
                    return Problem(
                        severity: .error, id: .certificate, object: "Gateway \(gateway.metadata.key)",
                        field: "spec.listeners[\(position)].tls.certificateRefs[\(index)]", value: reference.name,
                        message: "\(name) serves no Secrets, as a controller's served API never does, so listener "
                            + "\(listener.name) on port \(listener.port) is without this certificate; read from the API "
                            + "server instead (--kubernetes without --kubernetes-via)")
                }
            }
        }
    }

    static func label(_ key: ObjectKey) -> String { "Secret \(key)" }
}
