/// `spec.infrastructure` of a Gateway: what goes on the objects that are made for it.
package struct GatewayInfrastructure: Hashable, Sendable {
    package var labels: [String: String]
    package var annotations: [String: String]
    package var parametersRef: ParametersReference?

    package init(
        labels: [String: String] = [:], annotations: [String: String] = [:], parametersRef: ParametersReference? = nil
    ) {
        self.labels = labels
        self.annotations = annotations
        self.parametersRef = parametersRef
    }
}

/// `parametersRef` of a GatewayClass or of a Gateway's infrastructure.
package struct ParametersReference: Hashable, Sendable {
    package var group: String
    package var kind: String
    /// Of a GatewayClass only: a Gateway's parameters are in its own namespace.
    package var namespace: String?
    package var name: String
    package var defect: String?

    package init(group: String, kind: String, namespace: String? = nil, name: String, defect: String? = nil) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.defect = defect
    }
}

/// An address that a Gateway asks for, or that it has.
package struct GatewayAddress: Hashable, Sendable {
    /// `IPAddress`, `Hostname`, or one with a domain in front.
    package var type: String
    /// Empty in a request: any address of the type.
    package var value: String

    package static let ipAddress = "IPAddress"
    package static let hostname = "Hostname"

    package init(type: String = GatewayAddress.ipAddress, value: String) {
        self.type = type
        self.value = value
    }
}
