extension BackendReference {
    static let consequence = "this backend's share answers 500"

    /// The `backendRefs` of a rule, each with its own defect.
    static func list(_ rule: FieldReader) -> [BackendReference] {
        // Without a readable list there is no share to answer for: the rule itself is at fault.
        (rule.elements("backendRefs") ?? []).map { decode($0, in: rule.context) }
    }

    private static func decode(_ element: FieldReader.Element, in context: DecodingContext) -> BackendReference {
        var (reference, defect) = context.scope(consequence) {
            if element.index >= ResourceLimits.backendRefs {
                context.error(
                    element.path, "", "is beyond the \(ResourceLimits.backendRefs) backends allowed",
                    line: element.node.line, id: .beyondLimit)
            }
            return FieldReader(element.node, at: element.path, in: context).map(BackendReference.init)
                ?? BackendReference(name: "")
        }
        reference.defect = defect
        return reference
    }

    private init(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "namespace", "name", "port", "weight", "filters"])
        let group = reader.string("group", .group) ?? ""
        let kind = reader.string("kind", .kind) ?? "Service"
        let isDelegation = group == "delegation.kgateway.dev" || kind == "HTTPRoute"
        self.init(
            group: group, kind: kind,
            namespace: reader.string("namespace", .label),
            // A delegating reference without a name selects every child, like `*`.
            name: (isDelegation ? reader.string("name") : reader.requiredString("name", .referenceName)) ?? "",
            port: reader.port("port"),
            weight: reader.integer("weight", in: ResourceLimits.weight).map(UInt32.init(truncatingIfNeeded:)) ?? 1,
            filters: HTTPRouteFilter.list(reader, consequence: Self.consequence))
        if group.isEmpty, kind == "Service", !reader.has("port") {
            reader.missing("port", "is required for a Service")
        }
        HTTPRouteFilter.checkCombination(filters) { reader.error("filters", $0, id: .fieldsDisagree) }
    }
}
