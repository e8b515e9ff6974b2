extension HTTPRouteRule {
    private static let known = ["name", "matches", "filters", "backendRefs", "timeouts"]
    /// Fields of the standard that this version does not implement.
    private static let unserved = ["retry", "sessionPersistence"]

    /// - Parameter matchesLeft: how many matches the route may still have (128 in all).
    static func decode(
        _ element: FieldReader.Element, in context: DecodingContext, matchesLeft: inout Int
    ) -> HTTPRouteRule {
        var left = matchesLeft
        var (rule, defect) = context.scope("this rule answers 500 on its matches") {
            guard let reader = FieldReader(element.node, at: element.path, in: context) else {
                return HTTPRouteRule(matches: [HTTPRouteMatch(defect: "the rule is no mapping")])
            }
            if element.index >= ResourceLimits.rules {
                context.error(
                    element.path, "", "is beyond the \(ResourceLimits.rules) rules allowed", line: element.node.line,
                    id: .beyondLimit)
            }
            return HTTPRouteRule(reader, matchesLeft: &left)
        }
        matchesLeft = left
        rule.defect = defect
        return rule
    }

    private init(_ reader: FieldReader, matchesLeft: inout Int) {
        reader.checkFields(Self.known, unserved: Self.unserved)
        let matches = HTTPRouteMatch.list(reader, left: &matchesLeft)
        self.init(
            name: reader.context.scope("the name is ignored") { reader.string("name", .subdomain) }.value,
            matches: matches.isEmpty ? [HTTPRouteMatch()] : matches,
            hasImpliedMatch: matches.isEmpty,
            filters: HTTPRouteFilter.list(reader, consequence: "this rule answers 500 on its matches"),
            backendRefs: BackendReference.list(reader),
            timeouts: reader.mapping("timeouts").map(HTTPRouteTimeouts.init))
        checkCombinations(reader)
    }

    /// The rules across fields that the CRD writes in CEL.
    private mutating func checkCombinations(_ reader: FieldReader) {
        let redirects = filters.contains { if case .requestRedirect = $0 { true } else { false } }
        if redirects, !backendRefs.isEmpty {
            reader.error(
                "backendRefs", "must be empty in a rule with a RequestRedirect filter", id: .fieldsDisagree)
        }
        HTTPRouteFilter.checkCombination(filters) { reader.error("filters", $0, id: .fieldsDisagree) }
        guard !hasOnePrefixMatch else { return }
        if filters.contains(where: \.replacesPrefix) { reader.error("filters", Self.prefixRule) }
        for index in backendRefs.indices where backendRefs[index].filters.contains(where: \.replacesPrefix) {
            let path = FieldPath.field(.element(reader.path("backendRefs"), index), "filters")
            let (_, defect) = reader.context.scope(BackendReference.consequence) {
                reader.context.error(path, "", Self.prefixRule, line: reader.line)
            }
            backendRefs[index].defect = backendRefs[index].defect ?? defect
        }
    }

    private static let prefixRule = "with ReplacePrefixMatch needs exactly one match in the rule, of type PathPrefix"

    /// What ReplacePrefixMatch needs: one match, and it is by prefix (written or implied).
    private var hasOnePrefixMatch: Bool {
        guard matches.count == 1, let match = matches.first else { return false }
        return match.path == nil || match.path?.kind == .prefix
    }
}

extension HTTPRouteTimeouts {
    /// `backendRequest` must not outlast `request`, unless that is `0s` (GEP-1742).
    init(_ reader: FieldReader) {
        reader.checkFields(["request", "backendRequest"])
        self.init(request: Self.duration("request", reader), backendRequest: Self.duration("backendRequest", reader))
        if let request, request > 0, let backendRequest, backendRequest > request {
            reader.error(
                "backendRequest",
                "must not be longer than the request timeout \(GatewayDuration.text(milliseconds: request))")
        }
    }

    private static func duration(_ key: String, _ reader: FieldReader) -> UInt64? {
        reader.string(key, .when({ GatewayDuration.parse($0) != nil }, GatewayDuration.rule))
            .flatMap { GatewayDuration.parse($0) }
    }
}
