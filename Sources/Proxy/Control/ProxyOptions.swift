package import GatewayAPI
package import Injection
package import Kubernetes
package import Reactor
internal import Routing
package import Telemetry

/// Everything that a sidecar or gateway process is told on its command line.
package struct ProxyOptions {
    package enum Role: Sendable {
        case gateway(ObjectKey, bind: SocketAddress, portOffset: UInt16)
        case sidecar(pod: ObjectKey, addresses: [IPAddress], outboundPort: UInt16, inboundPort: UInt16)
    }

    package var role: Role
    /// Makes the source of the resources, on the process's event loop.
    package var source: (EventLoop) -> any ResourceSource
    package var workers: Int
    package var limits = ProxyLimits()
    /// The ports that the workers listen on.
    package var doorPorts = DoorPorts()
    package var trustedPeers: TrustedPeers = .none
    /// Whether a gateway lets fields in whose names have other bytes than letters, digits and hyphens.
    package var allowsAmbiguousFields = false
    /// What the operator lets Backends name.
    package var backends = BackendPolicy()
    package var admin: SocketAddress
    package var telemetry: SocketAddress
    package var accessLog: AccessLogMode
    package var accessLogFormat: AccessLogFormat
    package var drainTimeout: UInt64
    /// `address:port[,...]` of DNS servers instead of those in resolv.conf.
    package var resolvers: String?
    package var version: String
    /// The kubelet's probes that are made in its place.
    package var probes = ProbeTable()
    /// Nanoseconds that the hooks of ending containers are made to wait.
    package var terminationDelay: UInt64 = 0
    /// The redirect rules that a sidecar must find.
    package var expectedRules = ExpectedRules.none
    /// Nanoseconds between two looks at them; 0: never.
    package var rulesInterval: UInt64 = 0

    package init(
        role: Role, source: @escaping (EventLoop) -> any ResourceSource, workers: Int, admin: SocketAddress,
        telemetry: SocketAddress,
        accessLog: AccessLogMode, accessLogFormat: AccessLogFormat, drainTimeout: UInt64, resolvers: String?,
        version: String
    ) {
        self.role = role
        self.source = source
        self.workers = workers
        self.admin = admin
        self.telemetry = telemetry
        self.accessLog = accessLog
        self.accessLogFormat = accessLogFormat
        self.drainTimeout = drainTimeout
        self.resolvers = resolvers
        self.version = version
    }

    /// Whose picture of the resources this process needs.
    var scope: PlanScope {
        switch role {
        case .gateway(let key, _, _): .gateway(key)
        case .sidecar(let pod, let addresses, _, _): .sidecar(pod: pod, addresses: addresses)
        }
    }
}
