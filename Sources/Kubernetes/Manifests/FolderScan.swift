internal import GatewayAPI
internal import Glibc

/// One walk through folders, or to single files: the manifest files and the folders they were looked for in.
struct FolderScan {
    /// Path, and identity; nil when the file is there but cannot be looked at.
    var files: [(path: String, identity: FileIdentity?, error: FileError?)] = []
    /// Every folder walked through, the first ones included.
    var folders: [String] = []
    var problems: [Problem] = []
    /// False when the folder itself cannot be read: nothing may be concluded about the files in it.
    var isComplete = true

    private var limits: ManifestLimits
    private var overflowed = false
    /// Of files found, when they may be found twice: in several roots.
    private var known: Set<FileIdentity>?

    /// Walks each root in the order of the paths. A root that is a file is a manifest whatever its name.
    init(_ roots: [String], limits: ManifestLimits) {
        self.limits = limits
        if roots.count > 1 { known = [] }
        for root in roots {
            if let status = try? FileSystem.status(root), status.kind == .regular {
                add(root, status.identity, nil)
            } else {
                walk(root, ancestors: [], isRoot: true)
            }
        }
    }

    static func isManifest(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json"))
    }

    private mutating func walk(_ folder: String, ancestors: [FileIdentity], isRoot: Bool) {
        let names: [String]
        do {
            names = try FileSystem.names(in: folder)
        } catch {
            report(
                folder,
                "\(isRoot ? "the file or folder" : "the folder") \(error.message); nothing is read from it, and what was read before stays in use"
            )
            if isRoot || error.code != ENOENT { isComplete = false }
            return
        }
        folders.append(folder)
        for name in names.sorted() where !name.hasPrefix(".") {
            visit(ManifestFolder.join(folder, name), name, ancestors)
        }
    }

    private mutating func visit(_ path: String, _ name: String, _ ancestors: [FileIdentity]) {
        guard !overflowed else { return }
        let isManifest = Self.isManifest(name)
        do {
            let status = try FileSystem.status(path)
            switch status.kind {
            case .folder: descend(path, status.identity, ancestors)
            case .regular where isManifest: add(path, status.identity, nil)
            default: break
            }
        } catch {
            if isManifest { add(path, nil, error) }
        }
    }

    private mutating func descend(_ path: String, _ identity: FileIdentity, _ ancestors: [FileIdentity]) {
        let isLoop = ancestors.contains { $0.inode == identity.inode && $0.device == identity.device }
        guard !isLoop else { return }
        guard ancestors.count < limits.depth else {
            report(path, "the folder is nested deeper than the \(limits.depth) levels allowed; it is not read")
            return
        }
        walk(path, ancestors: ancestors + [identity], isRoot: false)
    }

    private mutating func add(_ path: String, _ identity: FileIdentity?, _ error: FileError?) {
        if let identity, known?.insert(identity).inserted == false { return }
        guard files.count < limits.files else {
            overflowed = true
            report(path, "the folder has more than the \(limits.files) files allowed; the rest is not read")
            return
        }
        files.append((path, identity, error))
    }

    private mutating func report(_ path: String, _ message: String) {
        problems.append(Problem(severity: .error, id: .unreadableSource, object: path, message: message))
    }
}
