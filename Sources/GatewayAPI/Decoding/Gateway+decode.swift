extension GatewayClass {
    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(["controllerName"], unused: ["description", "parametersRef"])
        guard let name = spec.requiredString("controllerName", .length(1...253)) else { return nil }
        self.init(metadata: metadata, controllerName: name)
    }
}

extension Gateway {
    private static let unused = [
        "addresses", "allowedListeners", "defaultScope", "infrastructure", "tls", "backendTLS",
    ]

    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(["gatewayClassName", "listeners"], unused: Self.unused)
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
            listeners: elements.map { Listener.decode($0, in: spec.context, names: &names) })
    }
}
