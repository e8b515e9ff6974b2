extension Listener {
    private static let listenerProtocol = StringRule.when(
        { text in
            text.utf8.count <= 255 && !text.isEmpty
                && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        }, "must be HTTP, HTTPS, TLS, TCP, UDP or a name with a domain in front")

    /// - Parameter names: the names of the Gateway's earlier listeners.
    static func decode(
        _ element: FieldReader.Element, in context: DecodingContext, names: inout Set<String>
    ) -> Listener {
        var (listener, defect) = context.scope("this listener is not served") {
            if element.index >= ResourceLimits.listeners {
                context.error(
                    element.path, "", "is beyond the \(ResourceLimits.listeners) listeners allowed",
                    line: element.node.line, id: .beyondLimit)
            }
            return FieldReader(element.node, at: element.path, in: context).map(Listener.init)
                ?? Listener(name: "", port: 0, listenerProtocol: "", allowedNamespaces: .none)
        }
        // A listener that is refused, for a protocol that is not served as well, keeps its name from nobody.
        if defect == nil, listener.isServedProtocol, !names.insert(listener.name).inserted {
            defect =
                context.scope("this listener is not served") {
                    context.error(
                        .field(element.path, "name"), listener.name, "is the name of an earlier listener",
                        line: element.node.line)
                }.defect
        }
        listener.defect = defect
        return listener
    }

    private init(_ reader: FieldReader) {
        reader.checkFields(["name", "port", "protocol", "hostname", "allowedRoutes", "tls"])
        let name = reader.requiredString("name", .subdomain) ?? ""
        if !reader.has("port") { reader.missing("port") }
        let port = reader.port("port") ?? 0
        let listenerProtocol = reader.requiredString("protocol", Self.listenerProtocol) ?? ""
        let allowed = reader.mapping("allowedRoutes")
        allowed?.checkFields(["namespaces", "kinds"])
        self.init(
            name: name, port: port, listenerProtocol: listenerProtocol,
            hostname: Self.hostname(reader, listenerProtocol),
            allowedNamespaces: reader.has("allowedRoutes") && allowed == nil
                ? .none : allowed.map { NamespaceSelection.decode($0) } ?? .same,
            allowedKinds: allowed.flatMap(RouteGroupKind.list),
            tls: ListenerTLS.decode(reader, listenerProtocol))
    }

    /// An empty hostname is an absent one, as the standard's types say.
    private static func hostname(_ reader: FieldReader, _ listenerProtocol: String) -> String? {
        let rule = StringRule { $0.isEmpty ? nil : StringRule.hostname.brokenRule($0) }
        guard let hostname = reader.string("hostname", rule)?.lowercased(), !hostname.isEmpty else { return nil }
        if listenerProtocol == "TCP" || listenerProtocol == "UDP" {
            reader.error("hostname", "must not be set on a listener of protocol \(listenerProtocol)")
        }
        return hostname
    }
}

extension RouteGroupKind {
    /// nil when the listener names no kinds.
    fileprivate static func list(_ allowedRoutes: FieldReader) -> [RouteGroupKind]? {
        guard let elements = allowedRoutes.elements("kinds"), !elements.isEmpty else { return nil }
        if elements.count > ResourceLimits.allowedKinds {
            allowedRoutes.error(
                "kinds", "must have at most \(ResourceLimits.allowedKinds) entries, not \(elements.count)")
        }
        return elements.compactMap { element in
            guard let reader = FieldReader(element.node, at: element.path, in: allowedRoutes.context) else {
                return nil
            }
            reader.checkFields(["group", "kind"])
            guard let kind = reader.requiredString("kind", .kind) else { return nil }
            return RouteGroupKind(group: reader.string("group", .group) ?? "gateway.networking.k8s.io", kind: kind)
        }
    }
}

extension NamespaceSelection {
    /// What cannot be read admits nobody; the listener itself stays.
    /// - Parameters:
    ///   - owner: `allowedRoutes` or `allowedListeners`.
    ///   - absent: what it means when nothing is written.
    static func decode(
        _ owner: FieldReader, absent: NamespaceSelection = .same,
        consequence: String = "this listener takes no routes"
    ) -> NamespaceSelection {
        let (selection, defect) = owner.context.scope(consequence) { () -> NamespaceSelection in
            guard owner.has("namespaces") else { return absent }
            guard let reader = owner.mapping("namespaces") else { return .none }
            reader.checkFields(["from", "selector"])
            switch reader.string("from", .oneOf(["All", "Same", "Selector", "None"])) {
            case "All": return .all
            case "Same": return .same
            case "Selector":
                return reader.requiredMapping("selector").map { .selector(LabelSelector($0)) } ?? .none
            case "None": return .none
            default: return absent
            }
        }
        return defect == nil ? selection : .none
    }
}

extension LabelSelector {
    init(_ reader: FieldReader) {
        reader.checkFields(["matchLabels", "matchExpressions"])
        let labels = reader.stringMap("matchLabels").sorted { $0.key < $1.key }
        var requirements = labels.map { Requirement.isIn(key: $0.key, values: [$0.value]) }
        for element in reader.elements("matchExpressions") ?? [] {
            guard let expression = FieldReader(element.node, at: element.path, in: reader.context) else { continue }
            if let requirement = Requirement(expression) { requirements.append(requirement) }
        }
        self.init(requirements: requirements)
    }
}

extension LabelSelector.Requirement {
    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["key", "operator", "values"])
        let comparison = reader.requiredString("operator", .oneOf(["In", "NotIn", "Exists", "DoesNotExist"]))
        let values = (reader.elements("values") ?? [])
            .compactMap { reader.context.string($0.node, at: $0.path, .any) }
        guard let key = reader.requiredString("key", .length(1...317)), let comparison else { return nil }
        let needsValues = comparison == "In" || comparison == "NotIn"
        if needsValues == values.isEmpty {
            reader.error(
                "values", needsValues ? "must not be empty with \(comparison)" : "must be empty with \(comparison)")
            return nil
        }
        switch comparison {
        case "In": self = .isIn(key: key, values: values)
        case "NotIn": self = .notIn(key: key, values: values)
        case "Exists": self = .exists(key: key)
        default: self = .doesNotExist(key: key)
        }
    }
}
