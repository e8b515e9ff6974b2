package import Balancing
internal import CLinux
package import Routing
internal import Synchronization

/// One immutable picture of everything a worker needs. Routes and endpoints are separate parts: an endpoint change
/// keeps the routes as they are.
package final class Snapshot: Sendable {
    package let version: UInt64
    package let routes: RouteTable
    package let endpoints: EndpointTable
    /// Numbers of the routes and backends in the metrics, by their positions in the tables.
    package let labels: MetricLabels
    /// What the HTTPS listeners need for their handshakes.
    let tls: GatewayTLS

    package init(
        version: UInt64, routes: RouteTable, endpoints: EndpointTable, labels: MetricLabels, tls: GatewayTLS = .none
    ) {
        self.version = version
        self.routes = routes
        self.endpoints = endpoints
        self.labels = labels
        self.tls = tls
    }
}

/// How the configuration thread hands snapshots to workers: one swap, which each worker notices by a plain number.
package final class Publication: @unchecked Sendable {
    private let current = Mutex<Snapshot?>(nil)
    private let version: UnsafeMutablePointer<UInt64>

    package init() {
        version = .allocate(capacity: 1)
        version.initialize(to: 0)
    }

    deinit {
        version.deallocate()
    }

    package func publish(_ snapshot: Snapshot) {
        current.withLock { $0 = snapshot }
        weir_store_release(version, snapshot.version)
    }

    /// The version last published; read by workers between batches of events.
    package var publishedVersion: UInt64 { weir_load_acquire(version) }

    package func latest() -> Snapshot? { current.withLock { $0 } }
}
