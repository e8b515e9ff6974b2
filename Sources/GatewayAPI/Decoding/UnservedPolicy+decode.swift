extension UnservedPolicy {
    /// Keys of which a second value may have hidden what is targeted.
    private static let telltale: Set<String> = [
        "spec", "targetRefs", "targetRef", "group", "kind", "name", "sectionName",
    ]

    /// What a policy targets, be the rest of it right or wrong. What cannot be read names more, not less.
    /// - Parameter dropped: members that repeat a key, which the document is without.
    init(legible document: Node, id: ResourceID, dropped: [Node.Entry]) {
        var targets = Self.targets(of: document["spec"])
        for entry in dropped where Self.telltale.contains(entry.key) {
            switch entry.key {
            case "spec": targets += Self.targets(of: entry.value)
            case "targetRefs", "targetRef": targets += Self.list(entry.value)
            // Of which entry, and which of the two was meant, is not known.
            default: targets.append(.anyService)
            }
        }
        self.init(id: id, generation: ObjectMeta(legible: document, key: id.key).generation, targets: targets)
    }

    private static func targets(of spec: Node?) -> [Target] {
        guard let spec, !spec.isNull else { return [] }
        guard case .mapping = spec.value else { return [.anyService] }
        // Until v1alpha2 there was one.
        return list(spec["targetRefs"]) + list(spec["targetRef"])
    }

    /// A single entry that was to be a list counts as one.
    private static func list(_ node: Node?) -> [Target] {
        guard let node, !node.isNull else { return [] }
        guard case .sequence(let elements) = node.value else { return [Target(legible: node)] }
        return elements.map { Target(legible: $0) }
    }
}

extension UnservedPolicy.Target {
    /// Some Service of the policy's namespace; which one cannot be read.
    fileprivate static let anyService = UnservedPolicy.Target(name: "")

    fileprivate init(legible node: Node) {
        guard case .mapping = node.value else {
            // A name alone.
            self.init(name: node.stringValue ?? "")
            return
        }
        self.init(
            group: node["group"]?.stringValue ?? "", kind: node["kind"]?.stringValue ?? "Service",
            name: node["name"]?.stringValue ?? "", sectionName: node["sectionName"]?.stringValue)
    }
}
