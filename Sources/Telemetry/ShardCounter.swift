/// Whether a number only rises or also falls.
enum MetricKind {
    case counter
    case gauge

    var name: StaticString {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        }
    }
}

/// How a number is called and explained in the exposition.
struct MetricDescription {
    let name: StaticString
    let kind: MetricKind
    let help: StaticString

    static func counter(_ name: StaticString, _ help: StaticString) -> MetricDescription {
        MetricDescription(name: name, kind: .counter, help: help)
    }

    static func gauge(_ name: StaticString, _ help: StaticString) -> MetricDescription {
        MetricDescription(name: name, kind: .gauge, help: help)
    }
}

/// A number every worker keeps, whatever door the traffic used.
package enum ShardCounter: Int, CaseIterable, Sendable {
    case upstreamConnectionsOpened
    case upstreamConnectionsActive
    case upstreamConnectionsIdle
    case poolReuses
    case connectFailures
    case connectTimeouts
    case rePicks
    case ejections
    case discoveryWaits
    case discoveryTimeouts
    case overloadRefusals
    case requestsDeferred
    case loopRefusals
    case tlsHandshakes
    case tlsHandshakeFailures
    case tlsHandshakeTimeouts
    case accessLogRecordsDropped
    case bufferedBytes

    var description: MetricDescription {
        switch self {
        case .upstreamConnectionsOpened:
            .counter("weir_upstream_connections_total", "Connections opened to endpoints.")
        case .upstreamConnectionsActive:
            .gauge("weir_upstream_connections_active", "Connections to endpoints that are open, idle ones included.")
        case .upstreamConnectionsIdle:
            .gauge("weir_upstream_connections_idle", "Open connections to endpoints that wait in the pool.")
        case .poolReuses:
            .counter("weir_pool_reuses_total", "Requests that were sent on a pooled connection.")
        case .connectFailures:
            .counter("weir_upstream_connect_failures_total", "Connections to endpoints that were refused or failed.")
        case .connectTimeouts:
            .counter("weir_upstream_connect_timeouts_total", "Connections to endpoints that took too long to open.")
        case .rePicks:
            .counter("weir_repicks_total", "Requests and connections tried at another endpoint after one failed.")
        case .discoveryWaits:
            .counter("weir_discovery_waits_total", "Requests and connections that waited for a Service's endpoints.")
        case .discoveryTimeouts:
            .counter(
                "weir_discovery_timeouts_total",
                "Requests and connections that went to the ClusterIP because the endpoints did not come in time.")
        case .ejections:
            .counter("weir_ejections_total", "Times an endpoint was taken out for failing.")
        case .overloadRefusals:
            .counter("weir_overload_refusals_total", "Connections or requests refused because Weir was at its limit.")
        case .requestsDeferred:
            .counter("weir_requests_deferred_total", "Requests that waited because finding their rules takes long.")
        case .loopRefusals:
            .counter("weir_loop_refusals_total", "Connections or requests that would have come back to this proxy.")
        case .tlsHandshakes:
            .counter("weir_tls_handshakes_total", "TLS handshakes with clients that were completed.")
        case .tlsHandshakeFailures:
            .counter("weir_tls_handshake_failures_total", "TLS handshakes with clients that failed or were refused.")
        case .tlsHandshakeTimeouts:
            .counter("weir_tls_handshake_timeouts_total", "TLS handshakes with clients that took too long.")
        case .accessLogRecordsDropped:
            .counter("weir_access_log_records_dropped_total", "Access log records lost because the reader was slow.")
        case .bufferedBytes:
            .gauge("weir_buffered_bytes", "Bytes held for heads, bodies and TLS sessions that wait.")
        }
    }
}

/// A number every worker keeps for each door.
package enum DoorCounter: Int, CaseIterable, Sendable {
    case connectionsOpened
    case connectionsActive
    case requestsActive
    case opaqueConnectionsOpened
    case opaqueConnectionsActive
    case opaqueBytesReceived
    case opaqueBytesSent
    case detectionTimeouts
    case firstByteTimeouts
    case slowReaders
    case placeWaits
    case detectionRefusals

    var description: MetricDescription {
        switch self {
        case .connectionsOpened:
            .counter("weir_connections_total", "Connections accepted.")
        case .connectionsActive:
            .gauge("weir_connections_active", "Accepted connections that are open.")
        case .requestsActive:
            .gauge("weir_requests_active", "Requests that are being served.")
        case .opaqueConnectionsOpened:
            .counter("weir_opaque_connections_total", "Connections forwarded as plain bytes.")
        case .opaqueConnectionsActive:
            .gauge("weir_opaque_connections_active", "Connections being forwarded as plain bytes.")
        case .opaqueBytesReceived:
            .counter("weir_opaque_received_bytes_total", "Bytes received from clients of opaque connections.")
        case .opaqueBytesSent:
            .counter("weir_opaque_sent_bytes_total", "Bytes sent to clients of opaque connections.")
        case .detectionTimeouts:
            .counter("weir_detection_timeouts_total", "Connections treated as opaque because the client stayed silent.")
        case .firstByteTimeouts:
            .counter("weir_first_byte_timeouts_total", "Connections ended because their client never sent anything.")
        case .slowReaders:
            .counter(
                "weir_slow_readers_total", "Connections ended because their client did not take what waited for it.")
        case .placeWaits:
            .counter("weir_connections_waited_total", "Connections that waited for a place before they were served.")
        case .detectionRefusals:
            .counter(
                "weir_detection_refusals_total",
                "Connections closed at ports that routes protect because their first bytes are no request.")
        }
    }
}
