import ArgumentParser
import HTTP
import Proxy

/// Times and sizes of the data path. The defaults are `ProxyLimits`'.
struct LimitOptions: ParsableArguments {
    @Option(help: "A request's head must be complete this long after its first byte.")
    var headTimeout: DurationArgument = FlagEnvironment.value("head-timeout", default: .init(milliseconds: 10_000))

    @Option(help: "A client's first byte must come this long after its connection was accepted.")
    var firstByteTimeout: DurationArgument = FlagEnvironment.value(
        "first-byte-timeout", default: .init(milliseconds: 10_000))

    @Option(help: "A TLS handshake must be complete this long after its connection was accepted.")
    var tlsHandshakeTimeout: DurationArgument = FlagEnvironment.value(
        "tls-handshake-timeout", default: .init(milliseconds: 10_000))

    @Option(help: "A body may be silent for this long.")
    var bodyIdleTimeout: DurationArgument = FlagEnvironment.value(
        "body-idle-timeout", default: .init(milliseconds: 60_000))

    @Option(help: "Bytes a second at which a body of known length has to come, and an answer to be taken; 0: none.")
    var bodyLeastRate: UInt64 = FlagEnvironment.value("body-least-rate", default: 240)

    @Option(help: "A client's connection may be idle between requests for this long.")
    var clientIdleTimeout: DurationArgument = FlagEnvironment.value(
        "client-idle-timeout", default: .init(milliseconds: 300_000))

    @Option(help: "A pooled connection to an endpoint may be idle for this long.")
    var upstreamIdleTimeout: DurationArgument = FlagEnvironment.value(
        "upstream-idle-timeout", default: .init(milliseconds: 60_000))

    @Option(help: "An endpoint must accept a connection within this time.")
    var connectTimeout: DurationArgument = FlagEnvironment.value("connect-timeout", default: .init(milliseconds: 2_000))

    @Option(help: "A connection to an endpoint is waited for this long before another endpoint is tried beside it.")
    var connectHeadStart: DurationArgument = FlagEnvironment.value(
        "connect-head-start", default: .init(milliseconds: 250))

    @Option(help: "What was sent to an endpoint must be acknowledged within this time; 0s: the kernel's time.")
    var upstreamAckTimeout: DurationArgument = FlagEnvironment.value(
        "upstream-ack-timeout", default: .init(milliseconds: 2_000))

    @Option(help: "An opaque or upgraded connection may be silent for this long.")
    var tcpIdleTimeout: DurationArgument = FlagEnvironment.value(
        "tcp-idle-timeout", default: .init(milliseconds: 3_600_000))

    @Option(help: "Where nothing declares the protocol, a silent client is waited for this long.")
    var detectionWait: DurationArgument = FlagEnvironment.value("detection-wait", default: .init(milliseconds: 250))

    @Option(help: "The first request to a Service waits this long for its endpoints, then goes to its ClusterIP.")
    var discoveryWait: DurationArgument = FlagEnvironment.value("discovery-wait", default: .init(milliseconds: 2_000))

    @Option(help: "Bytes of a request's or response's head (at most 65535).")
    var maxHeadBytes: Int = FlagEnvironment.value("max-head-bytes", default: HTTP1Limits.defaultHeadBytes)

    @Option(help: "Fields of a head (at most 128).")
    var maxFields: Int = FlagEnvironment.value("max-fields", default: HTTP1Limits.defaultFields)

    @Option(help: "Bytes of a request target.")
    var maxTargetBytes: Int = FlagEnvironment.value("max-target-bytes", default: HTTP1Limits.defaultTargetBytes)

    @Option(help: "Bytes of a request's body; 0 is no limit.")
    var maxBodyBytes: UInt64 = FlagEnvironment.value("max-body-bytes", default: 0)

    @Option(help: "Clients' connections that one worker holds at each door, and as many to endpoints.")
    var maxConnections: Int = FlagEnvironment.value("max-connections", default: 65_536)

    @Option(help: "Bytes of heads, bodies and TLS that may wait in the process; 0 is a quarter of its memory.")
    var maxBufferedBytes: UInt64 = FlagEnvironment.value("max-buffered-bytes", default: 0)

    @Option(help: "An endpoint that is silent for this long is asked whether it is still there; 0s: never.")
    var upstreamKeepalive: DurationArgument = FlagEnvironment.value(
        "upstream-keepalive", default: .init(milliseconds: 5_000))

    @Option(help: "A client that is silent for this long is asked whether it is still there; 0s: never.")
    var clientKeepalive: DurationArgument = FlagEnvironment.value(
        "client-keepalive", default: .init(milliseconds: 30_000))

    func validate() throws {
        let times = [
            ("head-timeout", headTimeout), ("first-byte-timeout", firstByteTimeout),
            ("tls-handshake-timeout", tlsHandshakeTimeout),
            ("body-idle-timeout", bodyIdleTimeout),
            ("client-idle-timeout", clientIdleTimeout),
            ("upstream-idle-timeout", upstreamIdleTimeout), ("connect-timeout", connectTimeout),
            ("connect-head-start", connectHeadStart),
            ("tcp-idle-timeout", tcpIdleTimeout), ("detection-wait", detectionWait),
            ("discovery-wait", discoveryWait),
        ]
        for (flag, time) in times where time.milliseconds == 0 {
            throw ValidationError("--\(flag): 0 is not in 1ms..; it would end everything at once; nothing was started")
        }
        try check("max-head-bytes", maxHeadBytes, 1024...HTTP1Limits.largestHead)
        try check("max-fields", maxFields, 1...HTTP1Limits.defaultFields)
        try check("max-target-bytes", maxTargetBytes, 256...32_768)
        guard maxBufferedBytes == 0 || maxBufferedBytes >= 1 << 20 else {
            throw ValidationError(
                "--max-buffered-bytes: \(maxBufferedBytes) is neither 0 nor at least 1048576; hardly a request could be read; nothing was started"
            )
        }
        try check("max-connections", maxConnections, 16...4_000_000)
    }

    private func check(_ flag: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError(
                "--\(flag): \(value) is not in \(range.lowerBound)..\(range.upperBound); nothing was started")
        }
    }

    func limits() -> ProxyLimits {
        var limits = ProxyLimits()
        limits.headTimeout = headTimeout.nanoseconds
        limits.firstByteTimeout = firstByteTimeout.nanoseconds
        limits.handshakeTimeout = tlsHandshakeTimeout.nanoseconds
        limits.bodyIdleTimeout = bodyIdleTimeout.nanoseconds
        limits.bodyLeastRate = bodyLeastRate
        limits.clientIdleTimeout = clientIdleTimeout.nanoseconds
        limits.upstreamIdleTimeout = upstreamIdleTimeout.nanoseconds
        limits.connectTimeout = connectTimeout.nanoseconds
        limits.connectHeadStart = connectHeadStart.nanoseconds
        limits.upstreamAckTimeout = upstreamAckTimeout.nanoseconds
        limits.tunnelIdleTimeout = tcpIdleTimeout.nanoseconds
        limits.detectionWait = detectionWait.nanoseconds
        limits.discoveryWait = discoveryWait.nanoseconds
        limits.http.headBytes = maxHeadBytes
        limits.http.fields = maxFields
        limits.http.targetBytes = maxTargetBytes
        limits.bodyBytes = maxBodyBytes
        limits.connectionsPerWorker = maxConnections
        limits.bufferedBytes = maxBufferedBytes
        limits.upstreamKeepalive = upstreamKeepalive.nanoseconds
        limits.clientKeepalive = clientKeepalive.nanoseconds
        return limits
    }
}
