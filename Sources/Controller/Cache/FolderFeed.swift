package import GatewayAPI
internal import Kubernetes
package import Reactor

/// Fills a cache from a folder of manifests, and keeps it as the folder is. An object that can no longer be read keeps
/// its last good form, as it does in a proxy that reads the folder itself.
package final class FolderFeed {
    private let source: FolderSource
    private let cache: ObjectCache
    private let onChange: () -> Void

    /// - Parameter onChange: called after each look that found something new, problems included.
    package init(path: String, cache: ObjectCache, onChange: @escaping () -> Void = {}) {
        var limits = ManifestLimits()
        limits.keepsDocuments = true
        source = FolderSource(path: path, limits: limits)
        self.cache = cache
        self.onChange = onChange
    }

    /// Reads the folder before it returns, and again whenever it changes.
    package func start(on loop: EventLoop) {
        source.start(on: loop) { [unowned self] _ in apply() }
    }

    package func reload() { source.reload() }

    package var problems: [Problem] { source.problems }
    package var isHealthy: Bool { source.isHealthy }
    /// The folder was read once: what is in the cache is what is in the folder.
    package var isKnown: Bool { source.isKnown }

    private func apply() {
        for (id, document) in source.takeDocuments() {
            if let document, let object = try? JSONReader.node(document) {
                cache.put(id.kind, object)
            } else {
                cache.remove(id.kind, id.key)
            }
        }
        if source.isKnown { for kind in ServedKind.all { cache.setReady(kind.kind) } }
        onChange()
    }
}
