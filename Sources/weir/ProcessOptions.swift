import ArgumentParser
import GatewayAPI
import Kubernetes
import Proxy
import Reactor
import Telemetry

extension AccessLogMode: ExpressibleByArgument {}
extension AccessLogFormat: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}

/// What sidecar and gateway have in common.
struct ProcessOptions: ParsableArguments {
    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(help: "Worker threads (default: the cgroup's CPU quota, else the number of cores).")
    var workers: Int = FlagEnvironment.value("workers", default: CPUQuota.cores())

    @Option(help: ArgumentHelp("Where the admin interface listens.", valueName: "address:port"))
    var admin: String = FlagEnvironment.text("admin") ?? "127.0.0.1:15000"

    @Option(help: ArgumentHelp("Where health and metrics are served.", valueName: "address:port"))
    var telemetry: String = FlagEnvironment.text("telemetry") ?? "0.0.0.0:15020"

    @Option(help: "Requests to log: off, errors or all.")
    var accessLog: AccessLogMode = FlagEnvironment.value("access-log", default: .errors)

    @Option(help: "Form of the access log: text or json.")
    var accessLogFormat: AccessLogFormat = FlagEnvironment.value("access-log-format", default: .text)

    @Option(help: "Lines on standard error: error, warn, info or debug.")
    var logLevel: String = FlagEnvironment.text("log-level") ?? "info"

    @Option(help: "Form of these lines: text or json.")
    var logFormat: LogFormat = FlagEnvironment.value("log-format", default: .text)

    @Option(help: "How long requests in flight may take after SIGTERM.")
    var drainTimeout: DurationArgument = FlagEnvironment.value("drain-timeout", default: .init(milliseconds: 30_000))

    @Flag(help: "Listen at the doors also where another process of this user does; each gets some of the connections.")
    var sharePorts = FlagEnvironment.value("share-ports", default: false)

    @Option(help: ArgumentHelp("DNS servers instead of those in resolv.conf.", valueName: "address:port,..."))
    var resolvers: String = FlagEnvironment.text("resolvers") ?? ""

    func validate() throws {
        guard (1...256).contains(workers) else {
            throw ValidationError("--workers: \(workers) is not in 1..256; nothing was started")
        }
        guard LogLevel(name: logLevel) != nil else {
            throw ValidationError(
                "--log-level: '\(logLevel)' is none of error, warn, info, debug"
                    + Spelling.advice(for: logLevel, among: ["error", "warn", "info", "debug"]))
        }
        for server in resolvers.split(separator: ",") {
            let text = String(server)
            guard SocketAddress(text) != nil || SocketAddress(host: text, port: 53) != nil else {
                throw ValidationError("--resolvers: '\(text)' is not ADDRESS[:PORT]; nothing was started")
            }
        }
    }

    func address(_ flag: String, _ text: String) throws -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw ValidationError("--\(flag): '\(text)' is not ADDRESS:PORT; nothing was started")
        }
        return address
    }

    func proxyOptions(
        _ role: ProxyOptions.Role, _ scope: ClusterScope, podLabels: String = ""
    ) throws -> ProxyOptions {
        if let level = LogLevel(name: logLevel) { Log.level = level }
        Log.format = logFormat
        var options = ProxyOptions(
            role: role, source: try source.source(scope, podLabels: podLabels), workers: workers,
            admin: try address("admin", admin),
            telemetry: try address("telemetry", telemetry), accessLog: accessLog, accessLogFormat: accessLogFormat,
            drainTimeout: drainTimeout.nanoseconds, resolvers: resolvers.isEmpty ? nil : resolvers,
            version: WeirVersion.text)
        options.limits = limits.limits()
        options.doorPorts = DoorPorts(isShared: sharePorts)
        options.backends = try backends.policy()
        return options
    }
}
