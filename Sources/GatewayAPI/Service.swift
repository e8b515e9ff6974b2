/// Core Service, the parts a proxy needs.
package struct Service: Hashable, Sendable {
    package struct Port: Hashable, Sendable {
        /// Empty for the unnamed single port.
        package var name: String
        package var port: UInt16
        package var transport: String
        package var appProtocol: String?
        /// The pods' port; nil when it is given by its name there.
        package var targetPort: UInt16?

        /// - Parameter targetPort: nil: the pods' port is the Service's.
        package init(
            name: String = "", port: UInt16, transport: String = "TCP", appProtocol: String? = nil,
            targetPort: UInt16? = nil
        ) {
            self.name = name
            self.port = port
            self.transport = transport
            self.appProtocol = appProtocol
            self.targetPort = targetPort ?? port
        }
    }

    package var metadata: ObjectMeta
    /// `clusterIP: None`: its name resolves to its pods.
    package var isHeadless: Bool
    /// Endpoints that are not ready count, too.
    package var publishNotReadyAddresses: Bool
    /// ClusterIP, NodePort, LoadBalancer or ExternalName.
    package var type: String
    /// Every ClusterIP of the (maybe dual-stack) Service; empty for headless ones.
    package var clusterIPs: [IPAddress]
    package var ports: [Port]
    /// Which pods of its namespace are behind it; empty when others make its endpoints.
    package var selector: [String: String]

    package init(
        metadata: ObjectMeta, type: String = "ClusterIP", clusterIPs: [IPAddress] = [], isHeadless: Bool = false,
        ports: [Port], publishNotReadyAddresses: Bool = false, selector: [String: String] = [:]
    ) {
        self.metadata = metadata
        self.type = type
        self.clusterIPs = clusterIPs
        self.isHeadless = isHeadless
        self.ports = ports
        self.publishNotReadyAddresses = publishNotReadyAddresses
        self.selector = selector
    }

    /// Whether a pod of its namespace with these labels is behind it.
    package func selects(_ labels: [String: String]) -> Bool {
        !selector.isEmpty && selector.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// `discovery.k8s.io` EndpointSlice.
package struct EndpointSlice: Hashable, Sendable {
    package struct Port: Hashable, Sendable {
        package var name: String
        /// nil means "all ports" and is not usable as a backend.
        package var port: UInt16?
        package var transport: String
        package var appProtocol: String?

        package init(name: String = "", port: UInt16?, transport: String = "TCP", appProtocol: String? = nil) {
            self.name = name
            self.port = port
            self.transport = transport
            self.appProtocol = appProtocol
        }
    }

    package struct Endpoint: Hashable, Sendable {
        /// `addresses[0]`; the others are not used, as kube-proxy does.
        package var address: IPAddress
        package var ready: Bool
        package var serving: Bool
        package var terminating: Bool
        /// `namespace/name` of the pod in `targetRef`.
        package var pod: ObjectKey?
        package var nodeName: String?
        package var zone: String?

        package init(
            address: IPAddress, ready: Bool = true, serving: Bool = true, terminating: Bool = false,
            pod: ObjectKey? = nil, nodeName: String? = nil, zone: String? = nil
        ) {
            self.address = address
            self.ready = ready
            self.serving = serving
            self.terminating = terminating
            self.pod = pod
            self.nodeName = nodeName
            self.zone = zone
        }
    }

    package var metadata: ObjectMeta
    /// From the label `kubernetes.io/service-name`; nil belongs to no Service.
    package var serviceName: String?
    package var ports: [Port]
    package var endpoints: [Endpoint]

    package init(metadata: ObjectMeta, serviceName: String?, ports: [Port], endpoints: [Endpoint]) {
        self.metadata = metadata
        self.serviceName = serviceName
        self.ports = ports
        self.endpoints = endpoints
    }
}

/// Core Namespace: its labels select routes (`allowedRoutes`).
package struct Namespace: Hashable, Sendable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) {
        self.metadata = metadata
    }
}
