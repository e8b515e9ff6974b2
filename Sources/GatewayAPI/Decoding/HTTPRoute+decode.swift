extension HTTPRoute {
    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(["hostnames", "parentRefs", "rules"], unserved: ["useDefaultGateways"])
        guard let hostnames = Self.hostnames(spec), let parents = spec.elements("parentRefs"),
            let rules = Self.rules(spec)
        else { return nil }
        self.init(
            metadata: metadata, parentRefs: ParentReference.list(parents, in: spec.context), hostnames: hostnames,
            rules: rules)
    }

    /// A hostname that cannot be used is left out. When none is left the route is refused: without hostnames it would
    /// serve every host.
    private static func hostnames(_ spec: FieldReader) -> [String]? {
        guard let elements = spec.elements("hostnames") else { return nil }
        let usable: [String] = elements.compactMap { element in
            spec.context.scope("this hostname is ignored") { hostname(element, in: spec.context) }.value
        }
        guard usable.isEmpty, !elements.isEmpty else { return usable }
        spec.error("hostnames", "has no usable hostname")
        return nil
    }

    private static func hostname(_ element: FieldReader.Element, in context: DecodingContext) -> String? {
        guard let text = context.string(element.node, at: element.path, .hostname) else { return nil }
        guard element.index < ResourceLimits.hostnames else {
            context.error(
                element.path, text, "is beyond the \(ResourceLimits.hostnames) hostnames allowed",
                line: element.node.line, id: .beyondLimit)
            return nil
        }
        let lowered = text.lowercased()
        if lowered != text {
            context.warning(element.path, text, "must be in lower case; \(lowered) is used", line: element.node.line)
        }
        return lowered
    }

    private static func rules(_ spec: FieldReader) -> [HTTPRouteRule]? {
        guard spec.has("rules") else { return [HTTPRouteRule(hasImpliedMatch: true)] }
        guard let elements = spec.elements("rules") else { return nil }
        guard !elements.isEmpty else {
            spec.error("rules", "must have 1..\(ResourceLimits.rules) rules")
            return nil
        }
        var matchesLeft = ResourceLimits.matchesPerRoute
        return elements.map { HTTPRouteRule.decode($0, in: spec.context, matchesLeft: &matchesLeft) }
    }
}
