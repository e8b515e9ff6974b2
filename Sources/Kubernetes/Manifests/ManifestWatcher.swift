internal import Glibc

/// What a watcher has seen, as a hint of what to look at.
package enum ManifestHint: Hashable, Sendable {
    case nothing
    /// Only these manifest files came, changed or went.
    case files(Set<String>)
    case anything
}

/// Tells when a folder of manifests may have changed, by inotify. Belongs to one thread, which polls `fileDescriptor`.
///
/// Order of use: make the watcher, then load the folder; after each `drain()` that is not `.nothing`, reload with its
/// hint. Watches are set before files are looked at, so no change falls between.
package final class ManifestWatcher {
    /// Whole writes, moves and removals; not every single `write`, which would show half-written files.
    private static let folderEvents = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
    )
    private static let entryEvents =
        UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) | UInt32(IN_MASK_ADD)

    /// Readable when `drain` has something to do.
    package let fileDescriptor: Int32
    /// Why some changes will go unnoticed (watches are a limited resource of the machine); nil when all is watched.
    /// The owner then looks at the whole folder once a second instead.
    package private(set) var gap: String?

    private let path: String
    private let limits: ManifestLimits
    /// The folders walked through, by watch.
    private var folders: [Int32: String] = [:]
    /// Single names that matter in other folders: what leads to the folder, and where symbolic links in it lead.
    private var entries: [Int32: Set<String>] = [:]

    /// Throws when the kernel has no inotify instance left.
    package init(path: String, limits: ManifestLimits = ManifestLimits()) throws(FileError) {
        fileDescriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard fileDescriptor >= 0 else { throw FileError(code: errno) }
        self.path = ManifestFolder.normalized(path)
        self.limits = limits
        arm()
    }

    deinit {
        close(fileDescriptor)
    }

    /// Takes all events there are. Watches then cover new folders and links too.
    package func drain() -> ManifestHint {
        var files: Set<String> = []
        var isStructural = false
        while let events = InotifyEvent.read(fileDescriptor) {
            for event in events {
                switch concern(event) {
                case .nothing: continue
                case .files(let paths): files.formUnion(paths)
                case .anything: isStructural = true
                }
            }
        }
        if isStructural {
            arm()
            return .anything
        }
        return files.isEmpty ? .nothing : .files(files)
    }

    private func concern(_ event: InotifyEvent) -> ManifestHint {
        if event.has(IN_Q_OVERFLOW) { return .anything }
        if event.has(IN_IGNORED) {
            folders[event.watch] = nil
            entries[event.watch] = nil
            return .nothing
        }
        if entries[event.watch]?.contains(event.name) ?? false { return .anything }
        guard let folder = folders[event.watch] else { return .nothing }
        return concern(event, in: folder)
    }

    private func concern(_ event: InotifyEvent, in folder: String) -> ManifestHint {
        // No name: the folder itself. `..data` is the link through which a mounted ConfigMap changes all at once.
        if event.name.isEmpty || event.name == "..data" { return .anything }
        if event.name.hasPrefix(".") { return .nothing }
        if event.has(IN_ISDIR) { return .anything }
        let path = ManifestFolder.join(folder, event.name)
        let isLink = event.has(IN_CREATE | IN_MOVED_TO) && FileSystem.isSymbolicLink(path)
        if isLink || folders.values.contains(path) { return .anything }
        guard FolderScan.isManifest(event.name) else { return .nothing }
        // A new file is looked at when it has been written; one that is only linked there is complete already.
        if event.has(IN_CREATE), !FileSystem.hasSeveralLinks(path) { return .nothing }
        return .files([path])
    }

    /// Watches all that matters now and lets go of the rest.
    private func arm() {
        gap = nil
        let before = Set(folders.keys).union(entries.keys)
        folders = [:]
        entries = [:]
        armAncestors()
        // Folders are found by walking through them, and a folder may come between a walk and its watch: walk until
        // nothing new is found.
        var known: Set<String> = []
        while true {
            let scan = FolderScan([path], limits: limits)
            let new = scan.folders.filter { known.insert($0).inserted }
            for folder in new {
                if let watch = add(folder, Self.folderEvents) { folders[watch] = folder }
            }
            armLinks(scan)
            if new.isEmpty { break }
        }
        for watch in before.subtracting(folders.keys).subtracting(entries.keys) {
            _ = inotify_rm_watch(fileDescriptor, watch)
        }
    }

    /// Each step of the way to the folder, so that it may come late, go, and be replaced.
    private func armAncestors() {
        var rest = path
        while rest != "/", rest != "." {
            let (folder, name) = ManifestFolder.split(rest)
            addEntry(name, in: folder)
            rest = folder
        }
    }

    private func armLinks(_ scan: FolderScan) {
        for file in scan.files where FileSystem.isSymbolicLink(file.path) {
            guard let target = FileSystem.realPath(file.path) else { continue }
            let (folder, name) = ManifestFolder.split(target)
            addEntry(name, in: folder)
        }
    }

    private func addEntry(_ name: String, in folder: String) {
        if let watch = add(folder, Self.entryEvents) { entries[watch, default: []].insert(name) }
    }

    private func add(_ folder: String, _ mask: UInt32) -> Int32? {
        let watch = unsafe inotify_add_watch(fileDescriptor, folder, mask)
        if watch >= 0 { return watch }
        if errno == ENOSPC { gap = "the machine has no inotify watch left for \(folder) (fs.inotify.max_user_watches)" }
        return nil
    }
}
