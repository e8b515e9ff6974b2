extension ParentReference {
    /// The `parentRefs` of a route, each with its own defect.
    static func list(_ elements: [FieldReader.Element], in context: DecodingContext) -> [ParentReference] {
        var seen: Set<ParentReference> = []
        return elements.map { element in
            var (parent, defect) = context.scope(consequence) {
                if element.index >= ResourceLimits.parentRefs {
                    context.error(
                        element.path, "", "is beyond the \(ResourceLimits.parentRefs) parents allowed",
                        line: element.node.line, id: .beyondLimit)
                }
                return FieldReader(element.node, at: element.path, in: context).map(ParentReference.init)
                    ?? ParentReference(name: "")
            }
            // One that is refused says nothing about others: it is not the earlier entry of a good one.
            if defect == nil, !seen.insert(parent.identity).inserted {
                defect =
                    context.scope(consequence) {
                        context.error(
                            element.path, parent.name, "names the same parent as an earlier entry",
                            line: element.node.line, id: .fieldsDisagree)
                    }.defect
            }
            guard let defect else { return parent }
            // What it names stays guarded, so it is read once more, with forbearance.
            parent = ParentReference(legible: element.node)
            parent.defect = defect
            return parent
        }
    }

    private static let consequence = "the route does not attach to this parent"

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
