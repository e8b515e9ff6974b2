package import GatewayAPI

/// Where in its files a folder declares each object: for people who look for what a problem is about. Proxies keep none
/// of it.
package struct ManifestPlaces: Sendable {
    private struct Place {
        var file: String
        var line: Int
    }

    /// By what problems call the object.
    private var places: [String: Place] = [:]
    /// What is in no file.
    private var texts: [String: [UInt8]] = [:]
    private let limits: YAMLLimits

    package init(limits: YAMLLimits = YAMLLimits()) {
        self.limits = limits
    }

    mutating func insert(_ id: ResourceID, file: String, line: Int) {
        places[id.description] = Place(file: file, line: line)
    }

    /// An object of a kind that no proxy reads, under the name by which problems of its pods are told.
    mutating func insert(_ node: Node, file: String) {
        guard let kind = node["kind"]?.stringValue else { return }
        let metadata = node["metadata"]
        let name = metadata?["name"]?.stringValue ?? metadata?["generateName"]?.stringValue ?? "?"
        let object = "\(kind) \(metadata?["namespace"]?.stringValue ?? "default")/\(name)"
        if places[object] == nil { places[object] = Place(file: file, line: node.line) }
    }

    mutating func insert(text: [UInt8], name: String) {
        texts[name] = text
    }

    /// The same problems, each with file and line of the field it names, as far as the field is written there; those of
    /// objects that no file declares, and those that have a file, as they are.
    package func locating(_ problems: [Problem]) -> [Problem] {
        var files: [String: [Node]] = [:]
        return problems.map { problem in
            guard problem.file.isEmpty, let place = places[problem.object] else { return problem }
            let documents = files[place.file] ?? documents(of: place.file)
            files[place.file] = documents
            var located = problem
            located.file = place.file
            let object = Self.object(problem.object, at: place.line, in: documents)
            located.line = object?.line(of: problem.field[...]) ?? place.line
            return located
        }
    }

    /// Empty when the file is not what it was: then the line of the object has to do.
    private func documents(of file: String) -> [Node] {
        guard let bytes = texts[file] ?? (try? FileSystem.read(file, maximum: limits.bytes).bytes) else { return [] }
        return ((try? YAMLReader.documents(bytes, limits: limits)) ?? []).map(\.root)
    }

    /// The object of a name that begins in a line, itself a document or in a list. Several may begin in one line.
    private static func object(_ name: String, at line: Int, in nodes: [Node]) -> Node? {
        for node in nodes {
            if let found = object(name, at: line, in: node["items"]?.elements ?? []) { return found }
            guard node.line == line, let own = node["metadata"]?["name"]?.stringValue else { continue }
            if name.hasSuffix("/\(own)") || name.hasSuffix(" \(own)") { return node }
        }
        return nil
    }
}

extension Node {
    /// The line of a field such as `spec.rules[2].matches[0].path`; of the innermost part of it that is written.
    fileprivate func line(of field: Substring) -> Int {
        var rest = field.drop { $0 == "." }
        guard !rest.isEmpty else { return line }
        let inner: Node?
        if rest.first == "[" {
            // An element, or a member whose name has dots, as annotations have.
            let end = rest.firstIndex(of: "]") ?? rest.endIndex
            let name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[end...].dropFirst()
            inner = Int(name).map { elements.indices.contains($0) ? elements[$0] : nil } ?? self[String(name)]
        } else {
            let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
            inner = self[String(rest[..<end])]
            rest = rest[end...]
        }
        return inner?.line(of: rest) ?? line
    }
}
