extension GatewayClass {
    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(["controllerName", "parametersRef"], unused: ["description"])
        guard let name = spec.requiredString("controllerName", .length(1...253)) else { return nil }
        self.init(
            metadata: metadata, controllerName: name,
            parametersRef: ParametersReference.decode(spec, isNamespaced: true))
    }
}

extension Gateway {
    private static let known = [
        "gatewayClassName", "listeners", "addresses", "allowedListeners", "infrastructure", "tls",
    ]

    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(Self.known, unserved: ["defaultScope"])
        let className = spec.requiredString("gatewayClassName", .referenceName)
        guard let className, let elements = spec.elements("listeners") else { return nil }
        if elements.isEmpty {
            _ = spec.context.scope("this Gateway serves nothing") {
                spec.error("listeners", "must have 1..\(ResourceLimits.listeners) listeners")
            }
        }
        var names: Set<String> = []
        self.init(
            metadata: metadata, gatewayClassName: className,
            listeners: elements.map { Listener.decode($0, in: spec.context, names: &names) },
            addresses: GatewayAddress.list(spec), infrastructure: GatewayInfrastructure.decode(spec),
            allowedListeners: Self.allowedListeners(spec), frontendValidation: FrontendValidation.decode(spec),
            asksForBackendTLS: Self.asksForBackendTLS(spec))
    }

    /// Whether a certificate is to be shown to backends. One that cannot be read is asked for all the same.
    private static func asksForBackendTLS(_ spec: FieldReader) -> Bool {
        guard let tls = spec.node("tls") else { return false }
        guard case .mapping = tls.value else { return true }
        guard let backend = tls["backend"], !backend.isNull else { return false }
        // Its one field, or what may be that with another spelling.
        guard case .mapping(let entries) = backend.value else { return true }
        return entries.contains { !$0.value.isNull }
    }

    /// ListenerSets are not implemented: whoever lets them in has to know that none comes.
    private static func allowedListeners(_ spec: FieldReader) -> NamespaceSelection {
        guard let reader = spec.mapping("allowedListeners") else { return .none }
        reader.checkFields(["namespaces"])
        let selection = NamespaceSelection.decode(reader, absent: .none, consequence: "no ListenerSet is allowed")
        if selection != .none {
            spec.warning("allowedListeners", "ListenerSets are not implemented; none adds listeners to this Gateway")
        }
        return selection
    }
}
