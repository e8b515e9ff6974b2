extension HTTPRouteFilter {
    /// The types of the standard and the field that configures each.
    private static let configurations = [
        "RequestHeaderModifier": "requestHeaderModifier", "ResponseHeaderModifier": "responseHeaderModifier",
        "RequestRedirect": "requestRedirect", "URLRewrite": "urlRewrite", "RequestMirror": "requestMirror",
        "CORS": "cors", "ExtensionRef": "extensionRef", "ExternalAuth": "externalAuth",
    ]

    /// The `filters` of a rule or backendRef; one that cannot be used is `.unusable`.
    static func list(_ owner: FieldReader, consequence: String) -> [HTTPRouteFilter] {
        let (elements, defect) = owner.context.scope(consequence) { owner.elements("filters") }
        guard let elements else { return [.unusable(type: "", reason: defect ?? "filters is no list")] }
        return elements.map { decode($0, in: owner.context, consequence: consequence) }
    }

    private static func decode(
        _ element: FieldReader.Element, in context: DecodingContext, consequence: String
    ) -> HTTPRouteFilter {
        var type = ""
        let (filter, defect) = context.scope(consequence) { () -> HTTPRouteFilter? in
            if element.index >= ResourceLimits.filters {
                context.error(
                    element.path, "", "is beyond the \(ResourceLimits.filters) filters allowed",
                    line: element.node.line, id: .beyondLimit)
            }
            guard let reader = FieldReader(element.node, at: element.path, in: context) else { return nil }
            reader.checkFields(["type"] + configurations.values)
            type = reader.requiredString("type") ?? ""
            return HTTPRouteFilter(reader, type: type)
        }
        guard let filter, defect == nil else {
            return .unusable(type: type, reason: defect ?? "the filter cannot be used")
        }
        return filter
    }

    private init?(_ reader: FieldReader, type: String) {
        guard !type.isEmpty else { return nil }
        guard let field = Self.configurations[type] else {
            let advice = Spelling.nearest(to: type, among: Self.configurations.keys).map { " (\($0) is)" } ?? ""
            reader.error("type", "is not a known filter type\(advice)", id: .unservedFilter)
            return nil
        }
        for (otherType, other) in Self.configurations.sorted(by: { $0.key < $1.key })
        where reader.has(other) && otherType != type {
            reader.error(other, "must not be set in a filter of type \(type)", id: .fieldsDisagree)
        }
        guard let configuration = reader.requiredMapping(field) else { return nil }
        switch type {
        case "RequestHeaderModifier": self = .requestHeaderModifier(HeaderModifier(configuration))
        case "ResponseHeaderModifier": self = .responseHeaderModifier(HeaderModifier(configuration))
        case "RequestRedirect": self = .requestRedirect(RequestRedirect(configuration))
        case "URLRewrite": self = .urlRewrite(URLRewrite(configuration))
        default:
            reader.error("type", "is not implemented", id: .unservedFilter)
            return nil
        }
    }

    /// Filters of one list that the standard does not allow together.
    static func checkCombination(_ filters: [HTTPRouteFilter], report: (String) -> Void) {
        var seen: [String] = []
        // One that is refused has been reported, and makes what it belongs to unusable by itself.
        for type in filters.filter({ !$0.isUnusable }).map(\.typeName) {
            let isRepeatable = type == "RequestMirror" || type == "ExtensionRef"
            if seen.contains(type), !isRepeatable { report("must not have two filters of type \(type)") }
            seen.append(type)
        }
        if seen.contains("RequestRedirect"), seen.contains("URLRewrite") {
            report("must not have both RequestRedirect and URLRewrite")
        }
    }

    private var typeName: String {
        switch self {
        case .requestHeaderModifier: "RequestHeaderModifier"
        case .responseHeaderModifier: "ResponseHeaderModifier"
        case .requestRedirect: "RequestRedirect"
        case .urlRewrite: "URLRewrite"
        case .unusable(let type, _): type
        }
    }

    /// The filter replaces the matched prefix, so it needs one to replace.
    var replacesPrefix: Bool {
        let path: PathModifier? =
            switch self {
            case .requestRedirect(let redirect): redirect.path
            case .urlRewrite(let rewrite): rewrite.path
            default: nil
            }
        if case .replacePrefixMatch = path { return true }
        return false
    }
}
