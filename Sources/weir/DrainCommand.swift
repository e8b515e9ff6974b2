import ArgumentParser
import ControlHTTP
import Glibc
import HTTP
import Interception
import Reactor

struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Tell the proxy of this pod that the pod is going.",
        discussion: """
            From then on every answer to a caller ends its connection, so that callers find another pod; everything is served \
            as before, and the proxy runs on until it gets SIGTERM. With --until-app-ends the command returns when for a second \
            no process of another user has had a TCP socket in this network namespace, nor called anybody through the proxy. So an \
            injected proxy that is an ordinary container outlives its workload.
            """)

    @Option(help: ArgumentHelp("Where the proxy's admin interface listens.", valueName: "address:port"))
    var admin: String = FlagEnvironment.text("admin") ?? "127.0.0.1:15000"

    @Option(help: ArgumentHelp("Where the proxy serves its metrics.", valueName: "address:port"))
    var telemetry: String = FlagEnvironment.text("telemetry") ?? "127.0.0.1:15020"

    @Option(help: "Return only after this long, for a hook that keeps the proxy from being ended at once.")
    var wait = DurationArgument(milliseconds: 0)

    @Flag(help: "Return when the workload has ended.")
    var untilAppEnds = false

    @Option(help: "How long to wait for the workload's end even when it has no sockets.")
    var atLeast = DurationArgument(milliseconds: 5_000)

    @Option(help: "How long to wait for the workload's end.")
    var atMost = DurationArgument(milliseconds: 25_000)

    @Option(
        name: .customLong("proxy-uid"),
        help: "User id of the proxy: whose sockets do not count, and as whom root asks it.")
    var proxyUID: UInt32 = FlagEnvironment.value("proxy-uid", default: UInt32(RedirectOptions.defaultProxyUID))

    /// Microseconds between two looks.
    private static let pause: UInt32 = 200_000
    /// Looks without a socket of the workload in a row: between two calls it may have none.
    private static let quietLooks = 5

    func run() throws {
        guard let address = SocketAddress(admin) else {
            throw ValidationError("--admin: '\(admin)' is not ADDRESS:PORT; nothing was drained")
        }
        guard let metrics = SocketAddress(telemetry) else {
            throw ValidationError("--telemetry: '\(telemetry)' is not ADDRESS:PORT; nothing was drained")
        }
        let status = try LocalRequest.status(.post, "/drain", at: address, as: proxyUID)
        if wait.milliseconds > 0 { Self.sleep(wait.nanoseconds) }
        if untilAppEnds { waitForEnd(metrics) }
        guard status == 200 else {
            throw CommandFailure("the proxy at \(address) \(status.map { "answered \($0)" } ?? "does not answer")")
        }
    }

    private static func sleep(_ nanoseconds: UInt64) {
        let end = Clock.now() &+ nanoseconds
        while Clock.now() < end { usleep(pause) }
    }

    private func waitForEnd(_ metrics: SocketAddress) {
        let start = Clock.now()
        var quiet = 0
        var calls = Self.calls(metrics)
        while Clock.now() &- start < atMost.nanoseconds {
            // A workload that connects for each call anew has no socket at most looks.
            let before = calls
            calls = Self.calls(metrics)
            quiet = hasSockets() || calls != before ? 0 : quiet + 1
            if quiet >= Self.quietLooks, Clock.now() &- start >= atLeast.nanoseconds { return }
            usleep(Self.pause)
        }
    }

    /// How many connections of the workload the proxy has taken so far, as its metrics say it; nil when it does not
    /// answer.
    private static func calls(_ metrics: SocketAddress) -> String? {
        guard let response = try? LocalRequest.response(.get, "/metrics", at: metrics), response.status == 200 else {
            return nil
        }
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(outboundConnections) }.map { String($0) }
    }

    private static let outboundConnections = "weir_connections_total{door=\"outbound\"}"

    private func hasSockets() -> Bool {
        ["/proc/net/tcp", "/proc/net/tcp6"].contains { path in
            guard let text = try? InputFile.read(path, flag: "") else { return false }
            return SocketTable.socketsInUse(String(decoding: text, as: UTF8.self), notOf: proxyUID) > 0
        }
    }
}
