extension ParentReference {
    /// The `parentRefs` of a route, each with its own defect.
    static func list(_ elements: [FieldReader.Element], in context: DecodingContext) -> [ParentReference] {
        var seen: Set<ParentReference> = []
        return elements.map { element in
            var (parent, defect) = context.scope("the route does not attach to this parent") {
                let parent = FieldReader(element.node, at: element.path, in: context).map(ParentReference.init)
                check(element, parent, &seen, in: context)
                return parent ?? ParentReference(name: "")
            }
            parent.defect = defect
            return parent
        }
    }

    private static func check(
        _ element: FieldReader.Element, _ parent: ParentReference?, _ seen: inout Set<ParentReference>,
        in context: DecodingContext
    ) {
        if element.index >= ResourceLimits.parentRefs {
            context.error(
                element.path, "", "is beyond the \(ResourceLimits.parentRefs) parents allowed", line: element.node.line)
        }
        guard var parent else { return }
        parent.isExplicit = true
        if !seen.insert(parent).inserted {
            context.error(
                element.path, parent.name, "names the same parent as an earlier entry", line: element.node.line)
        }
    }

    private init(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "namespace", "name", "sectionName", "port"])
        self.init(
            group: reader.string("group", .group) ?? "gateway.networking.k8s.io",
            kind: reader.string("kind", .kind) ?? "Gateway",
            namespace: reader.string("namespace", .label),
            name: reader.requiredString("name", .referenceName) ?? "",
            sectionName: reader.string("sectionName", .subdomain),
            port: reader.port("port"),
            isExplicit: reader.has("group") && reader.has("kind"))
    }
}
