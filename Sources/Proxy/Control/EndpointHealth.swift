internal import Balancing
internal import GatewayAPI
internal import Reactor
internal import Telemetry

/// Endpoints that are not well, as the workers found out, with the names that people know them by.
struct EndpointHealth {
    struct Entry {
        /// The backend's number in the snapshot.
        var backend: Int32
        var backendName: String
        /// `address:port`.
        var endpoint: String
        var report: EndpointReport

        var standing: String { report.standing == .ejected ? "ejected" : "avoided" }
    }

    /// Entries that metrics show; more would cost whoever keeps them more than they tell.
    private static let mostInMetrics = 1000

    let entries: [Entry]

    init(_ standings: [EndpointReport], in snapshot: Snapshot?) {
        guard let snapshot, !standings.isEmpty else {
            entries = []
            return
        }
        let reports = Dictionary(standings.map { ($0.id, $0) }) { first, _ in first }
        entries = snapshot.endpoints.distinctBackends.flatMap { backend in
            snapshot.endpoints.endpoints(backend).compactMap { endpoint in
                guard let report = reports[endpoint.id], report.generation == endpoint.generation else { return nil }
                return Entry(
                    backend: backend,
                    backendName: String(decoding: snapshot.labels.backendName(backend), as: UTF8.self),
                    endpoint: SocketAddress(endpoint.address, port: endpoint.port).description, report: report)
            }
        }
    }

    /// What `/endpoints` says of the endpoints of one backend.
    ///
    /// - Parameter now: monotonic nanoseconds.
    func json(of backend: Int32, now: UInt64) -> JSONText {
        .array(
            entries.filter { $0.backend == backend }.map { entry in
                let left = entry.report.pausedUntil > now ? entry.report.pausedUntil - now : 0
                return .object([
                    ("endpoint", .string(entry.endpoint)), ("standing", .string(entry.standing)),
                    ("failedInARow", .number(Int64(entry.report.ejections))),
                    ("pauseMs", .number(Int64(clamping: left / ProxyLimits.millisecond))),
                ])
            })
    }

    /// A gauge for each of them; an endpoint that is well has none.
    func render(to writer: inout ExpositionWriter) {
        let name: StaticString = "weir_endpoint_failures_in_a_row"
        writer.family(name, "gauge", "Ejections in a row of endpoints that are not well; the others have no sample.")
        for entry in entries.prefix(EndpointHealth.mostInMetrics) {
            writer.sample(name)
            writer.label("backend", entry.backendName)
            writer.label("endpoint", entry.endpoint)
            writer.label("standing", entry.standing)
            writer.value(UInt64(entry.report.ejections))
        }
    }
}
