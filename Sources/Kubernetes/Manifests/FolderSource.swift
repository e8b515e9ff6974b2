package import GatewayAPI
package import Reactor

/// A folder of manifests, watched, as a source of resources.
package final class FolderSource: ResourceSource {
    /// Without a working watch the folder is looked at this often, in nanoseconds.
    private static let pollInterval: UInt64 = 1_000_000_000

    private var folder: ManifestFolder
    private var watcher: ManifestWatcher?
    /// That the folder cannot be watched, if so.
    private var watchProblems: [Problem] = []

    package init(path: String, limits: ManifestLimits = ManifestLimits()) {
        folder = ManifestFolder(path: path, limits: limits)
    }

    package var name: String { folder.path }
    package var resources: ResourceSet { folder.resources }
    package var problems: [Problem] { watchProblems + folder.problems }
    package var isKnown: Bool { folder.wasRead }
    package var isHealthy: Bool { folder.isReadable }
    package var isPiecemeal: Bool { false }
    package var isLazy: Bool { false }

    private var onChange: (SourceChange) -> Void = { _ in }

    /// Reads the folder before it returns.
    package func start(on loop: EventLoop, onChange: @escaping (SourceChange) -> Void) {
        self.onChange = onChange
        do throws(FileError) {
            let watcher = try ManifestWatcher(path: folder.path)
            self.watcher = watcher
            loop.watch(watcher.fileDescriptor) { [unowned self] _ in reload(watcher.drain()) }
        } catch {
            watchProblems = [
                Problem(
                    severity: .warning, id: .notWatched, object: folder.path,
                    message: "cannot be watched (\(error.message)); it is looked at once a second")
            ]
        }
        reload(.anything)
        poll(on: loop)
    }

    package func reload() { reload(.anything) }

    /// What has changed since the last call: each object as its file has it, in JSON; nil for one that is gone. Only if
    /// the limits ask for documents.
    package func takeDocuments() -> [(id: ResourceID, document: [UInt8]?)] { folder.takeDocuments() }

    package var coverage: EndpointCoverage { EndpointCoverage(isEverything: true) }
    package func use(_ services: Set<ObjectKey>) {}
    package func need(services: Set<ObjectKey>, secrets: Set<ObjectKey>) {}

    private func reload(_ hint: ManifestHint) {
        guard hint != .nothing else { return }
        let wasKnown = isKnown
        let wasHealthy = isHealthy
        let change = folder.reload(hint)
        if !change.isEmpty || isKnown != wasKnown || isHealthy != wasHealthy { onChange(change) }
    }

    /// Looks at the whole folder from time to time as long as changes may go unnoticed.
    private func poll(on loop: EventLoop) {
        loop.after(FolderSource.pollInterval) { [weak self] in
            guard let self else { return }
            if watcher == nil || watcher?.gap != nil { reload(.anything) }
            poll(on: loop)
        }
    }
}
