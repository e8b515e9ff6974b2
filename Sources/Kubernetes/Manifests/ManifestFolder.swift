package import GatewayAPI

/// A folder of manifests, or a single file, as a source of resources; for commands that read once, several of them.
///
/// `reload` looks at every file but reads only those that changed, and touches only the objects in them. What cannot be
/// read keeps its last good state: a file that no longer parses all of its objects, an object that no longer validates
/// itself. Belongs to one thread.
package struct ManifestFolder {
    package let path: String
    private let roots: [String]
    private let limits: ManifestLimits

    private var files: [String: ManifestFile] = [:]
    /// The files that declare each object, by path.
    private var declarations: [ResourceID: [String]] = [:]
    /// What is left of objects that cannot be used, by the file that has it.
    private var remains: [ResourceID: [String: UnservedRoute]] = [:]
    /// Objects declared more than once: the first by path counts.
    private var contested: Set<ResourceID> = []
    private var filesWithProblems: Set<String> = []
    private var scanProblems: [Problem] = []
    package private(set) var resources = ResourceSet()
    /// Objects that have changed since `takeDocuments`, if the limits ask for documents.
    private var changedDocuments: Set<ResourceID> = []
    /// The last walk reached the folder and all folders in it.
    package private(set) var isReadable = false
    /// Some walk did: what the folder holds is known, if perhaps not its newest state.
    package private(set) var wasRead = false

    package init(path: String, limits: ManifestLimits = ManifestLimits()) {
        self.init(paths: [path], limits: limits)
    }

    private init(paths: [String], limits: ManifestLimits) {
        roots = paths.map(Self.normalized)
        path = roots.joined(separator: ", ")
        self.limits = limits
    }

    /// Reads a folder or file once.
    package static func load(_ path: String, limits: ManifestLimits = ManifestLimits()) -> SourceState {
        load([path], limits: limits)
    }

    /// Reads folders, files and texts once, as one source.
    /// - Parameter texts: what is in no file, under the names by which problems are told.
    package static func load(
        _ paths: [String], texts: [(name: String, bytes: [UInt8])] = [], limits: ManifestLimits = ManifestLimits()
    ) -> SourceState {
        var folder = ManifestFolder(paths: paths, limits: limits)
        _ = folder.reload()
        var change = SourceChange()
        for text in texts {
            let file = ManifestFile.parse(text.bytes, text.name, nil, limits)
            folder.replace(text.name, with: file, &change)
        }
        var state = folder.state
        for text in texts { state.places.insert(text: text.bytes, name: text.name) }
        return state
    }

    package var state: SourceState {
        var state = SourceState()
        state.places = ManifestPlaces(limits: limits.yaml)
        state.resources = resources
        state.problems = problems
        for (id, paths) in declarations {
            guard let path = paths.first, let declaration = files[path]?.resources[id] else { continue }
            state.places.insert(id, file: path, line: declaration.line)
        }
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            for node in file.others { state.places.insert(node, file: path) }
            state.others += file.others
        }
        return state
    }

    /// By file, then line.
    package var problems: [Problem] {
        var problems = scanProblems
        for path in filesWithProblems { problems += files[path]?.problems ?? [] }
        problems += duplicateProblems()
        return problems.enumerated().sorted { a, b in
            (a.element.file, a.element.line, a.offset) < (b.element.file, b.element.line, b.offset)
        }.map(\.element)
    }

    /// Brings the resources up to date with the folder, looking only where the hint says.
    package mutating func reload(_ hint: ManifestHint = .anything) -> SourceChange {
        var change = SourceChange()
        switch hint {
        case .nothing: break
        case .files(let paths): reload(paths.sorted(), &change)
        case .anything: reloadAll(&change)
        }
        return change
    }

    /// What has changed since the last call: each object as its file has it, in JSON; nil for one that is gone.
    package mutating func takeDocuments() -> [(id: ResourceID, document: [UInt8]?)] {
        let ids = changedDocuments
        changedDocuments = []
        return ids.map { id in (id, declarations[id]?.first.flatMap { files[$0]?.resources[id]?.document }) }
    }

    private mutating func reloadAll(_ change: inout SourceChange) {
        let scan = FolderScan(roots, limits: limits)
        change.problemsChanged = scan.problems != scanProblems
        scanProblems = scan.problems
        isReadable = scan.isComplete
        wasRead = wasRead || scan.isComplete
        var present: Set<String> = []
        present.reserveCapacity(scan.files.count)
        for (path, identity, error) in scan.files {
            present.insert(path)
            look(at: path, identity, error, &change)
        }
        guard scan.isComplete, present.count != files.count else { return }
        for path in files.keys.filter({ !present.contains($0) }).sorted() { replace(path, with: nil, &change) }
    }

    private mutating func reload(_ paths: [String], _ change: inout SourceChange) {
        for path in paths {
            do throws(FileError) {
                look(at: path, try FileSystem.status(path).identity, nil, &change)
            } catch {
                // Gone, or out of reach: only a walk tells which, and whether the folder is still there.
                reloadAll(&change)
                return
            }
        }
    }

    private mutating func look(
        at path: String, _ identity: FileIdentity?, _ error: FileError?, _ change: inout SourceChange
    ) {
        if let identity {
            guard files[path]?.isCurrent(identity) != true else { return }
            guard files.count < limits.files || files[path] != nil else { return }
            replace(path, with: ManifestFile.read(path, previous: files[path], limits: limits), &change)
        } else {
            replace(path, with: ManifestFile.unreadable(path, error, previous: files[path]), &change)
        }
    }

    /// Puts a new state of one file in the place of the old, and elects the owners of the objects in either.
    private mutating func replace(_ path: String, with new: ManifestFile?, _ change: inout SourceChange) {
        let old = files[path]
        let oldOwned = old?.resources ?? [:]
        let newOwned = new?.resources ?? [:]
        let left = new?.remains ?? [:]
        var touched = Array(newOwned.keys)
        touched += oldOwned.keys.filter { newOwned[$0] == nil }
        touched += Set(left.keys).union((old?.remains ?? [:]).keys).filter {
            newOwned[$0] == nil && oldOwned[$0] == nil
        }
        let before = touched.map(resource)
        files[path] = new
        for id in touched {
            declare(id, in: path, isDeclared: newOwned[id] != nil)
            leave(left[id], of: id, in: path)
        }
        for (id, previous) in zip(touched, before) {
            let current = resource(id)
            guard previous != current else { continue }
            if let current { resources.insert(current) } else { resources.remove(id) }
            change.note(previous, current)
            if limits.keepsDocuments { changedDocuments.insert(id) }
        }
        if old?.problems != new?.problems { change.problemsChanged = true }
        if new?.problems.isEmpty ?? true { filesWithProblems.remove(path) } else { filesWithProblems.insert(path) }
    }

    private mutating func declare(_ id: ResourceID, in path: String, isDeclared: Bool) {
        var paths = declarations[id] ?? []
        let position = paths.firstIndex { $0 >= path } ?? paths.count
        let isKnown = position < paths.count && paths[position] == path
        switch (isDeclared, isKnown) {
        case (true, false): paths.insert(path, at: position)
        case (false, true): paths.remove(at: position)
        default: return
        }
        declarations[id] = paths.isEmpty ? nil : paths
        if paths.count > 1 { contested.insert(id) } else { contested.remove(id) }
    }

    private mutating func leave(_ left: UnservedRoute?, of id: ResourceID, in path: String) {
        guard left != nil || remains[id] != nil else { return }
        remains[id, default: [:]][path] = left
        if remains[id]?.isEmpty ?? false { remains[id] = nil }
    }

    /// The object as the first file that declares it has it; what is left of it where none has a form that can be used.
    private func resource(_ id: ResourceID) -> Resource? {
        if let path = declarations[id]?.first { return files[path]?.resources[id]?.resource }
        return remains[id]?.min { $0.key < $1.key }.map { .unservedRoute($0.value) }
    }

    private func duplicateProblems() -> [Problem] {
        contested.flatMap { id -> [Problem] in
            guard let paths = declarations[id], let winner = paths.first else { return [] }
            return paths.dropFirst().map { path in
                Problem(
                    severity: .error, id: .declaredTwice, object: id.description,
                    message: "is declared in \(winner) as well, which comes first by path; this one is not used",
                    file: path, line: files[path]?.resources[id]?.line ?? 0)
            }
        }
    }
}
