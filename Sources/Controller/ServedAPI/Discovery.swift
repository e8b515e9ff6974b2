internal import ControlHTTP
internal import GatewayAPI
internal import Kubernetes

/// Which groups, versions and kinds there are, as clients ask before anything else.
struct Discovery {
    /// The kinds that are not absent.
    let kinds: [ServedKind]
    /// The program's own.
    let version: String

    /// nil: there is no such thing.
    func answer(_ path: ServedPath) -> HTTPAnswer? {
        switch path {
        case .versions:
            json(.mapping(["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []]))
        case .groups:
            json(
                .mapping([
                    "kind": "APIGroupList", "apiVersion": "v1", "groups": .sequence(groups.map { group($0) }),
                ]))
        case .group(let name): groups.contains(name) ? json(group(name, isAlone: true)) : nil
        case .resources(let group, let version): resources(group, version)
        case .serverVersion: json(serverVersion)
        case .objects, .object, .unknown: nil
        }
    }

    private func json(_ node: Node) -> HTTPAnswer {
        HTTPAnswer(status: 200, contentType: "application/json", body: node.json)
    }

    private var groups: [String] {
        kinds.reduce(into: []) { groups, kind in
            if !kind.api.group.isEmpty, !groups.contains(kind.api.group) { groups.append(kind.api.group) }
        }
    }

    private func group(_ name: String, isAlone: Bool = false) -> Node {
        var versions: [String] = []
        for kind in kinds where kind.api.group == name && !versions.contains(kind.version) {
            versions.append(kind.version)
        }
        let entries = versions.map { version -> Node in
            .mapping(["groupVersion": .string("\(name)/\(version)"), "version": .string(version)])
        }
        var node: Node = isAlone ? .mapping(["kind": "APIGroup", "apiVersion": "v1"]) : .mapping([:])
        node.set("name", .string(name))
        node.set("versions", .sequence(entries))
        node.set("preferredVersion", entries.first)
        return node
    }

    private func resources(_ group: String, _ version: String) -> HTTPAnswer? {
        let served = kinds.filter { $0.api.group == group && $0.version == version }
        guard !served.isEmpty else { return nil }
        let entries = served.map { kind -> Node in
            .mapping([
                "name": .string(kind.api.plural), "singularName": .string(kind.api.kind.lowercased()),
                "namespaced": Node(.bool(kind.api.isNamespaced)), "kind": .string(kind.api.kind),
                "verbs": ["get", "list", "watch"], "shortNames": .sequence(kind.shortNames.map { .string($0) }),
            ])
        }
        return json(
            .mapping([
                "kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
                "resources": .sequence(entries),
            ]))
    }

    /// The Kubernetes version whose list and watch protocol this is.
    private var serverVersion: Node {
        .mapping([
            "major": "1", "minor": "34", "gitVersion": .string("v1.34.0+weir.\(version)"), "gitCommit": "",
            "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": "linux/amd64",
        ])
    }
}
