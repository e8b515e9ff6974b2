/// `gateway.networking.k8s.io` GatewayClass.
package struct GatewayClass: Hashable, Sendable {
    package var metadata: ObjectMeta
    package var controllerName: String
    package var parametersRef: ParametersReference?

    package init(metadata: ObjectMeta, controllerName: String, parametersRef: ParametersReference? = nil) {
        self.metadata = metadata
        self.controllerName = controllerName
        self.parametersRef = parametersRef
    }
}

/// `gateway.networking.k8s.io` Gateway: where requests enter, and who may attach routes there.
package struct Gateway: Hashable, Sendable {
    package var metadata: ObjectMeta
    package var gatewayClassName: String
    package var listeners: [Listener]
    /// Addresses it asks for; empty leaves the choice to whoever provides them.
    package var addresses: [GatewayAddress]
    package var infrastructure: GatewayInfrastructure?
    /// Whose ListenerSets may add listeners; none does, for they are not implemented.
    package var allowedListeners: NamespaceSelection
    package var frontendValidation: FrontendValidation
    /// `spec.tls.backend` asks for a certificate to be shown to backends.
    package var asksForBackendTLS: Bool

    package init(
        metadata: ObjectMeta, gatewayClassName: String, listeners: [Listener], addresses: [GatewayAddress] = [],
        infrastructure: GatewayInfrastructure? = nil, allowedListeners: NamespaceSelection = .none,
        frontendValidation: FrontendValidation = FrontendValidation(), asksForBackendTLS: Bool = false
    ) {
        self.metadata = metadata
        self.gatewayClassName = gatewayClassName
        self.listeners = listeners
        self.addresses = addresses
        self.infrastructure = infrastructure
        self.allowedListeners = allowedListeners
        self.frontendValidation = frontendValidation
        self.asksForBackendTLS = asksForBackendTLS
    }
}

package struct Listener: Hashable, Sendable {
    package var name: String
    package var port: UInt16
    /// As written: HTTP, HTTPS, TLS, TCP, UDP or a domain-prefixed one.
    package var listenerProtocol: String
    /// Lower-cased; nil matches every host.
    package var hostname: String?
    package var allowedNamespaces: NamespaceSelection
    /// nil when the listener leaves the kinds to its protocol.
    package var allowedKinds: [RouteGroupKind]?
    /// nil where the protocol has none.
    package var tls: ListenerTLS?
    /// Why the listener cannot be used; nil when its fields are sound.
    package var defect: String?

    package init(
        name: String, port: UInt16, listenerProtocol: String, hostname: String? = nil,
        allowedNamespaces: NamespaceSelection = .same, allowedKinds: [RouteGroupKind]? = nil,
        tls: ListenerTLS? = nil, defect: String? = nil
    ) {
        self.name = name
        self.port = port
        self.listenerProtocol = listenerProtocol
        self.hostname = hostname
        self.allowedNamespaces = allowedNamespaces
        self.allowedKinds = allowedKinds
        self.tls = tls
        self.defect = defect
    }

    package var isServedProtocol: Bool { listenerProtocol == "HTTP" || isHTTPS }
    package var isHTTPS: Bool { listenerProtocol == "HTTPS" }
}

/// `allowedRoutes.namespaces`: whose routes a listener takes.
package enum NamespaceSelection: Hashable, Sendable {
    case same
    case all
    case selector(LabelSelector)
    /// An unknown `from`, or a selector that cannot be read: nobody's.
    case none
}

package struct RouteGroupKind: Hashable, Sendable {
    package var group: String
    package var kind: String

    package init(group: String, kind: String) {
        self.group = group
        self.kind = kind
    }
}

/// A Kubernetes label selector: all requirements must hold.
package struct LabelSelector: Hashable, Sendable {
    package enum Requirement: Hashable, Sendable {
        case isIn(key: String, values: [String])
        case notIn(key: String, values: [String])
        case exists(key: String)
        case doesNotExist(key: String)
    }

    package var requirements: [Requirement]

    package init(requirements: [Requirement]) {
        self.requirements = requirements
    }

    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.isMet(by: labels) }
    }
}

extension LabelSelector.Requirement {
    /// The label it is about.
    package var key: String {
        switch self {
        case .isIn(let key, _), .notIn(let key, _), .exists(let key), .doesNotExist(let key): key
        }
    }

    package func isMet(by labels: [String: String]) -> Bool {
        switch self {
        case .isIn(let key, let values): labels[key].map(values.contains) ?? false
        case .notIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
        case .exists(let key): labels[key] != nil
        case .doesNotExist(let key): labels[key] == nil
        }
    }
}
