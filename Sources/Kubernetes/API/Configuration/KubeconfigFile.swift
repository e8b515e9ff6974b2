internal import GatewayAPI

/// One kubeconfig file, or several that were laid over each other: of what is named the first of that name counts, and
/// paths are relative to the file that they stand in.
struct KubeconfigFile {
    private static let maximumBytes = 16 << 20

    /// An entry of one of the lists.
    struct Named {
        var node: Node
        var path: String

        func string(_ key: String) -> String? {
            guard let text = node[key]?.stringValue, !text.isEmpty else { return nil }
            return text
        }

        /// A path in the entry, seen from here.
        func file(_ key: String) -> String? { string(key).map(resolve) }

        func resolve(_ file: String) -> String {
            guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
            return path[...slash] + file
        }

        /// `key-data` in base64, else the file that `key` names.
        func material(_ key: String) throws(ConfigurationError) -> ClusterConfiguration.Material? {
            if let data = string(key + "-data") {
                // Editors wrap such texts, and kubectl reads them all the same.
                guard let bytes = Base64.decode(data.filter { !$0.isWhitespace }) else {
                    throw ConfigurationError(path, "\(key)-data must be base64")
                }
                return .bytes(bytes)
            }
            return file(key).map { .file($0) }
        }
    }

    private(set) var currentContext: String?
    private(set) var paths: [String] = []
    private var clusters: [String: Named] = [:]
    private var users: [String: Named] = [:]
    private var contexts: [String: Named] = [:]

    /// - Parameter mayBeMissing: whether a file may be missing, as any of several may.
    mutating func lay(_ path: String, mayBeMissing: Bool) throws(ConfigurationError) {
        guard let root = try Self.read(path, mayBeMissing: mayBeMissing) else { return }
        paths.append(path)
        if currentContext == nil, let name = root["current-context"]?.stringValue, !name.isEmpty {
            currentContext = name
        }
        for entry in root["clusters"]?.elements ?? [] { Self.add(entry, "cluster", path, to: &clusters) }
        for entry in root["users"]?.elements ?? [] { Self.add(entry, "user", path, to: &users) }
        for entry in root["contexts"]?.elements ?? [] { Self.add(entry, "context", path, to: &contexts) }
    }

    func context(_ name: String) throws(ConfigurationError) -> Named { try find(name, contexts, "context") }
    func cluster(_ name: String) throws(ConfigurationError) -> Named { try find(name, clusters, "cluster") }
    func user(_ name: String) throws(ConfigurationError) -> Named { try find(name, users, "user") }

    private func find(_ name: String, _ entries: [String: Named], _ sort: String) throws(ConfigurationError) -> Named {
        guard let entry = entries[name] else {
            let names = entries.keys.sorted().joined(separator: ", ")
            throw ConfigurationError(
                paths.joined(separator: ":"),
                "has no \(sort) \"\(name)\"; there is \(names.isEmpty ? "none" : names)")
        }
        return entry
    }

    private static func read(_ path: String, mayBeMissing: Bool) throws(ConfigurationError) -> Node? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try FileSystem.read(path, maximum: maximumBytes).bytes
        } catch {
            if mayBeMissing, error.isMissing { return nil }
            throw ConfigurationError(path, error.message)
        }
        guard let bytes else { throw ConfigurationError(path, "has more than the \(maximumBytes) bytes allowed") }
        let root: Node?
        do throws(YAMLError) {
            root = try YAMLReader.documents(bytes).first?.root
        } catch {
            throw ConfigurationError(path, "is no kubeconfig: \(error.message) (line \(error.line))")
        }
        guard let root, case .mapping = root.value else {
            throw ConfigurationError(path, "is no kubeconfig: it must be a mapping")
        }
        return root
    }

    private static func add(_ entry: Node, _ key: String, _ path: String, to entries: inout [String: Named]) {
        guard let name = entry["name"]?.stringValue, let value = entry[key], entries[name] == nil else { return }
        entries[name] = Named(node: value, path: path)
    }
}
