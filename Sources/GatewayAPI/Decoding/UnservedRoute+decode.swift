extension UnservedRoute {
    /// Keys of which a second value may have hidden where the route was to attach.
    private static let telltale: Set<String> = ["spec", "parentRefs", "group", "kind", "name", "namespace"]

    /// What there is of a route that is not served or cannot be read.
    /// - Parameter dropped: members that repeat a key, which the document is without.
    init(_ document: Node, id: ResourceID, dropped: [Node.Entry], reason: String) {
        var references = Self.parentRefs(document["spec"])
        for entry in dropped where Self.telltale.contains(entry.key) {
            switch entry.key {
            case "spec": references += Self.parentRefs(entry.value)
            case "parentRefs": references += Self.list(entry.value)
            case "name": references.append(ParentReference(legible: entry.value))
            // Of which entry, and which of the two was meant, is not known.
            default: references = references.map(\.asService)
            }
        }
        self.init(
            kind: id.kind, metadata: ObjectMeta(legible: document, key: id.key), parentRefs: references,
            hostnames: id.kind == .grpcRoute ? Self.hostnames(document["spec"]) : [], reason: reason)
    }

    private static func parentRefs(_ spec: Node?) -> [ParentReference] {
        guard let spec, !spec.isNull else { return [] }
        guard case .mapping = spec.value else { return [.anyService] }
        return list(spec["parentRefs"])
    }

    private static func hostnames(_ spec: Node?) -> [String] {
        (spec?["hostnames"]?.elements ?? []).prefix(ResourceLimits.hostnames)
            .compactMap { $0.stringValue?.lowercased() }.filter { Hostname.isValid($0) }
    }

    /// A single entry that was to be a list counts as one.
    private static func list(_ node: Node?) -> [ParentReference] {
        guard let node, !node.isNull else { return [] }
        guard case .sequence(let elements) = node.value else { return [ParentReference(legible: node)] }
        return elements.map { ParentReference(legible: $0) }
    }
}

extension ParentReference {
    /// Some Service of the route's namespace; which one cannot be read.
    static let anyService = ParentReference(group: "", kind: "Service", name: "")

    /// What can be read of an entry of `parentRefs`, be the rest of it right or wrong. Where a field cannot be read the
    /// entry names more, not less: a Service if the kind is not legible, all of its ports if the port is not.
    init(legible node: Node) {
        guard case .mapping(let entries) = node.value else {
            // A name alone.
            self = .anyService
            name = node.scalarText ?? ""
            return
        }
        let kind = node["kind"].map { $0.isNull ? "Gateway" : $0.stringValue } ?? "Gateway"
        self.init(
            group: kind == nil ? "" : node["group"]?.stringValue ?? "gateway.networking.k8s.io",
            kind: kind ?? "Service",
            namespace: node["namespace"]?.stringValue.flatMap { ResourceName.isLabel($0) ? $0 : nil },
            name: node["name"]?.scalarText ?? "",
            sectionName: node["sectionName"]?.stringValue.flatMap { ResourceName.isSubdomain($0) ? $0 : nil },
            port: Self.port(node["port"]),
            isExplicit: entries.contains { $0.key == "group" } && entries.contains { $0.key == "kind" })
        if name.isEmpty { self = asService }
    }

    /// The same, if it is a Service that is meant.
    fileprivate var asService: ParentReference {
        var copy = self
        (copy.group, copy.kind) = ("", "Service")
        return copy
    }

    private static func port(_ node: Node?) -> UInt16? {
        let port = node?.integerValue.flatMap { UInt16(exactly: $0) } ?? node?.stringValue.flatMap { UInt16($0) }
        return port == 0 ? nil : port
    }
}

extension Node {
    /// A scalar as text; nil for anything else.
    fileprivate var scalarText: String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): String(flag)
        case .null, .number, .sequence, .mapping: nil
        }
    }
}
