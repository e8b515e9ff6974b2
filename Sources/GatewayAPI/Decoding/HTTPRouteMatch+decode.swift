extension HTTPRouteMatch {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
    private static let consequence = "this match matches nothing"

    /// The matches of a rule, each with its own defect. Empty only when the rule wrote none.
    static func list(_ rule: FieldReader, left: inout Int) -> [HTTPRouteMatch] {
        let (elements, defect) = rule.context.scope(consequence) { rule.elements("matches") }
        guard let elements else { return [HTTPRouteMatch(defect: defect)] }
        var matches: [HTTPRouteMatch] = []
        for element in elements {
            let isAllowed = element.index < ResourceLimits.matchesPerRule && left > 0
            left -= 1
            matches.append(decode(element, in: rule.context, isAllowed: isAllowed))
        }
        return matches
    }

    private static func decode(
        _ element: FieldReader.Element, in context: DecodingContext, isAllowed: Bool
    ) -> HTTPRouteMatch {
        var (match, defect) = context.scope(consequence) {
            if !isAllowed {
                context.error(
                    element.path, "",
                    "is beyond the \(ResourceLimits.matchesPerRule) matches of a rule or the "
                        + "\(ResourceLimits.matchesPerRoute) of a route that are allowed", line: element.node.line)
            }
            return FieldReader(element.node, at: element.path, in: context).map(HTTPRouteMatch.init) ?? HTTPRouteMatch()
        }
        match.defect = defect
        return match
    }

    private init(_ reader: FieldReader) {
        reader.checkFields(["path", "headers", "queryParams", "method"])
        self.init(
            path: reader.mapping("path").map(PathMatch.init),
            headers: ValueMatch.list("headers", reader, valueRule: .headerValue, foldsCase: true),
            queryParams: ValueMatch.list(
                "queryParams", reader, valueRule: .length(1...ResourceLimits.queryValueLength), foldsCase: false),
            method: reader.string("method", .oneOf(Self.methods)))
    }
}

extension PathMatch {
    fileprivate init(_ reader: FieldReader) {
        reader.checkFields(["type", "value"])
        let type = reader.string("type", .oneOf(["Exact", "PathPrefix", "RegularExpression"]))
        let kind = type.flatMap(Kind.init) ?? .prefix
        let rule: StringRule =
            kind == .regularExpression
            ? .length(0...ResourceLimits.pathLength) : StringRule(brokenRule: PathValue.brokenRule)
        let value = reader.string("value", rule) ?? "/"
        if kind != .regularExpression, reader.has("type") == (type != nil), Self.seemsToHaveWildcard(value) {
            let advice =
                kind == .prefix ? "a prefix covers all below itself" : "type PathPrefix or RegularExpression is due"
            reader.warning(
                "value", "has a * that is taken as it stands: only a * in the request fits it; \(advice)",
                id: .literalWildcard)
        }
        self.init(kind, value)
    }

    /// Elsewhere, as in `/a*b`, a star may well be meant.
    private static func seemsToHaveWildcard(_ value: String) -> Bool {
        value.hasSuffix("*") || value.split(separator: "/").contains("*")
    }
}

extension ValueMatch {
    /// - Parameter foldsCase: names are compared without case and kept in lower case (headers).
    fileprivate static func list(
        _ key: String, _ match: FieldReader, valueRule: StringRule, foldsCase: Bool
    ) -> [ValueMatch] {
        let elements = match.elements(key) ?? []
        if elements.count > ResourceLimits.valueMatches {
            match.error(key, "must have at most \(ResourceLimits.valueMatches) entries, not \(elements.count)")
        }
        var list: [ValueMatch] = []
        for element in elements.prefix(ResourceLimits.valueMatches) {
            guard let reader = FieldReader(element.node, at: element.path, in: match.context),
                let value = ValueMatch(reader, valueRule: valueRule, foldsCase: foldsCase)
            else { continue }
            if list.contains(where: { $0.name == value.name }) {
                reader.warning("name", "is matched twice; only the first entry counts")
            } else {
                list.append(value)
            }
        }
        return list
    }

    private init?(_ reader: FieldReader, valueRule: StringRule, foldsCase: Bool) {
        reader.checkFields(["name", "type", "value"])
        let name = reader.requiredString("name", .headerName)
        let type = reader.string("type", .oneOf(["Exact", "RegularExpression"]))
        let value = reader.requiredString("value", valueRule)
        guard let name, let value else { return nil }
        self.init(
            name: foldsCase ? name.lowercased() : name, value: value, isRegularExpression: type == "RegularExpression")
    }
}
