internal import GatewayAPI
internal import Injection
package import Kubernetes
internal import Synchronization

/// The labels of the namespaces that ask for injection, as a watch on one thread has told them, for the webhook on
/// another.
package final class NamespaceLabelCache: Sendable {
    private let labels = Mutex<[String: [String: String]]>([:])

    package init() {}

    /// nil for a namespace that does not ask for injection, as far as is known.
    package subscript(namespace: String) -> [String: String]? { labels.withLock { $0[namespace] } }

    /// Takes in what a watch of namespaces tells.
    package func observe(_ event: WatchEvent) {
        switch event {
        case .changed(let object):
            guard let name = object["metadata"]?["name"]?.stringValue else { return }
            let labels = NamespaceLabelSource.labels(of: object)
            let asks = labels[InjectionAnnotation.inject.key] == "enabled"
            self.labels.withLock { $0[name] = asks ? labels : nil }
        case .removed(let key): labels.withLock { $0[key.name] = nil }
        case .absent: labels.withLock { $0 = [:] }
        case .synced, .interrupted: return
        }
    }
}
