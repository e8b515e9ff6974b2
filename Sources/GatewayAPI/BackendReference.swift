/// One `backendRefs` entry. Defaults of the API server are filled in (group `""`, kind `Service`, weight 1).
package struct BackendReference: Hashable, Sendable {
    package var group: String
    package var kind: String
    /// nil means the route's own.
    package var namespace: String?
    package var name: String
    package var port: UInt16?
    /// 0...1,000,000.
    package var weight: UInt32
    package var filters: [HTTPRouteFilter]
    /// The reference cannot be used: its share answers 500.
    package var defect: String?

    package init(
        group: String = "", kind: String = "Service", namespace: String? = nil, name: String, port: UInt16? = nil,
        weight: UInt32 = 1, filters: [HTTPRouteFilter] = [], defect: String? = nil
    ) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.port = port
        self.weight = weight
        self.filters = filters
        self.defect = defect
    }
}

/// `gateway.kgateway.dev` Backend: hosts outside the cluster.
package struct Backend: Hashable, Sendable {
    package struct Host: Hashable, Sendable {
        /// An IP literal or a DNS name (`BackendName`), in lower case.
        package var host: String
        package var port: UInt16

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    package var metadata: ObjectMeta
    package var hosts: [Host]
    package var appProtocol: String?
    /// The Backend is of a type this version does not implement, or malformed: Accepted=False/Invalid.
    package var defect: String?

    package init(metadata: ObjectMeta, hosts: [Host], appProtocol: String? = nil, defect: String? = nil) {
        self.metadata = metadata
        self.hosts = hosts
        self.appProtocol = appProtocol
        self.defect = defect
    }
}
