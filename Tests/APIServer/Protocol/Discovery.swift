import GatewayAPI

/// What the server says of itself.
enum Discovery {
    /// The answer of a path that is not about objects; nil when it is.
    static func response(_ path: String, kinds: [ServedKind], minor: Int) -> HTTPResponse? {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "healthz", "readyz", "livez": return HTTPResponse(status: 200, text: "ok")
        case "version": return HTTPResponse(version(minor))
        case "api" where parts.count == 1:
            return HTTPResponse(.mapping(["kind": "APIVersions", "versions": ["v1"]]))
        case "api" where parts.count == 2: return resources("", parts[1], kinds)
        case "apis" where parts.count == 1:
            let groups = groups(kinds).map { group($0, kinds) }
            return HTTPResponse(
                .mapping(["kind": "APIGroupList", "apiVersion": "v1", "groups": .sequence(groups)]))
        case "apis" where parts.count == 2:
            guard groups(kinds).contains(parts[1]) else { return notFound }
            var node = group(parts[1], kinds)
            node.set("kind", "APIGroup")
            node.set("apiVersion", "v1")
            return HTTPResponse(node)
        case "apis" where parts.count == 3: return resources(parts[1], parts[2], kinds)
        default: return nil
        }
    }

    /// Of a path where nothing is served.
    static let notFound = HTTPResponse(status: 404, text: "404 page not found\n")

    /// Whether a path is in a group that needs no definition.
    static func isBuiltIn(_ path: String, kinds: [ServedKind]) -> Bool {
        let parts = path.split(separator: "/").map(String.init)
        guard let root = parts.first, parts.count > 2 else { return false }
        let group = root == "api" ? "" : parts[1]
        return kinds.contains { $0.group == group && !$0.isCustom }
    }

    private static func version(_ minor: Int) -> Node {
        .mapping([
            "major": "1", "minor": .string("\(minor)"), "gitVersion": .string("v1.\(minor).0"), "gitCommit": "",
            "gitTreeState": "clean", "platform": "linux/amd64",
        ])
    }

    /// Authentication is served, too, without being a kind of stored objects.
    private static func groups(_ kinds: [ServedKind]) -> [String] {
        var groups: [String] = []
        for kind in kinds where !kind.group.isEmpty && !kind.versions.isEmpty && !groups.contains(kind.group) {
            groups.append(kind.group)
        }
        return groups
    }

    private static func versions(_ group: String, _ kinds: [ServedKind]) -> [String] {
        var versions: [String] = []
        for kind in kinds where kind.group == group {
            versions += kind.versions.filter { !versions.contains($0) }
        }
        return versions
    }

    private static func group(_ name: String, _ kinds: [ServedKind]) -> Node {
        let versions = versions(name, kinds).map { version -> Node in
            .mapping(["groupVersion": .string("\(name)/\(version)"), "version": .string(version)])
        }
        var node: Node = .mapping(["name": .string(name), "versions": .sequence(versions)])
        node.set("preferredVersion", versions.first)
        return node
    }

    private static func resources(_ group: String, _ version: String, _ kinds: [ServedKind]) -> HTTPResponse {
        let served = kinds.filter { $0.group == group && $0.versions.contains(version) }
        guard !served.isEmpty else { return notFound }
        let verbs: Node = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        var resources: [Node] = []
        for kind in served {
            resources.append(
                .mapping([
                    "name": .string(kind.plural), "singularName": .string(kind.kind.lowercased()),
                    "namespaced": .init(booleanLiteral: kind.isNamespaced), "kind": .string(kind.kind), "verbs": verbs,
                ]))
            guard kind.hasStatus else { continue }
            resources.append(
                .mapping([
                    "name": .string("\(kind.plural)/status"), "singularName": "",
                    "namespaced": .init(booleanLiteral: kind.isNamespaced), "kind": .string(kind.kind),
                    "verbs": ["get", "patch", "update"],
                ]))
        }
        let groupVersion = group.isEmpty ? version : "\(group)/\(version)"
        return HTTPResponse(
            .mapping([
                "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion),
                "resources": .sequence(resources),
            ]))
    }
}
