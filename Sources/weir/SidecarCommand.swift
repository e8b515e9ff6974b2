import ArgumentParser
import GatewayAPI
import Injection
import Interception
import Kubernetes
import Proxy
import Reactor

extension ExpectedRules: ExpressibleByArgument {}

struct SidecarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sidecar",
        abstract: "Serve a pod's traffic: what it sends to Services by their routes, what it receives by its own.",
        usage: "weir sidecar --pod <namespace/name> (--manifests <folder> | --kubernetes) [<options>]")

    @Option(
        help: ArgumentHelp(
            "The pod this proxy serves (default: POD_NAMESPACE and POD_NAME).", valueName: "namespace/name"))
    var pod: String = FlagEnvironment.text("pod") ?? SidecarCommand.downwardPod()

    @Option(
        name: .customLong("pod-ip"),
        help: ArgumentHelp(
            "The pod's addresses, comma separated (default: POD_IP, and those of the interfaces).", valueName: "ip"))
    var podIP: String = FlagEnvironment.text("pod-ip") ?? FlagEnvironment.variable("POD_IP") ?? ""

    @Option(
        name: .customLong("pod-labels"),
        help: ArgumentHelp(
            "The pod's labels as the downward API writes them, which spares reading the Pod from the API.",
            valueName: "file"))
    var podLabels: String = FlagEnvironment.text("pod-labels") ?? ""

    @Option(help: "Where redirected incoming connections arrive.")
    var inboundPort: UInt16 = FlagEnvironment.value("inbound-port", default: 15006)

    @Option(help: "Where redirected outgoing connections arrive.")
    var outboundPort: UInt16 = FlagEnvironment.value("outbound-port", default: 15001)

    @Option(
        help: "Redirect rules whose absence is reported as missing: none (any state is right), ipv4, or all.")
    var expectRules: ExpectedRules = FlagEnvironment.value("expect-rules", default: .none)

    @Option(help: "How often it is looked whether the redirect rules are there; 0s is never.")
    var rulesInterval: DurationArgument = FlagEnvironment.value("rules-interval", default: .init(milliseconds: 60_000))

    @OptionGroup var process: ProcessOptions

    func run() throws {
        guard let key = ObjectKey(pod) else {
            throw ValidationError(
                "--pod: '\(pod)' is not NAMESPACE/NAME; without it the pod's own Services are not known")
        }
        let role = ProxyOptions.Role.sidecar(
            pod: key, addresses: try addresses(), outboundPort: outboundPort, inboundPort: inboundPort)
        var options = try process.proxyOptions(role, .sidecar(pod: key), podLabels: podLabels)
        options.probes = ProbeTable(text: FlagEnvironment.variable(InjectionNames.probesVariable) ?? "")
        options.terminationDelay = try terminationDelay()
        options.expectedRules = expectRules
        options.rulesInterval = rulesInterval.nanoseconds
        try ProxyRuntime(options).run()
    }

    /// Written by the injection, for the hooks that it adds; no flag, because it means nothing without them.
    private func terminationDelay() throws -> UInt64 {
        guard let text = FlagEnvironment.variable(InjectionNames.terminationDelayVariable) else { return 0 }
        guard let delay = DurationArgument(argument: text) else {
            throw ValidationError(
                "\(InjectionNames.terminationDelayVariable): '\(text)' is not a duration; nothing was started")
        }
        return delay.nanoseconds
    }

    /// The pod's own addresses: nothing else is forwarded to at the inbound door.
    private func addresses() throws -> [IPAddress] {
        var found: [IPAddress] = []
        for text in podIP.split(separator: ",") {
            guard let address = IPAddress(String(text)) else {
                throw ValidationError("--pod-ip: '\(text)' is not an IP address; nothing was started")
            }
            found.append(address)
        }
        for address in try OwnAddresses.list() where !address.isLoopback {
            if let own = IPAddress(address.text), !found.contains(own) { found.append(own) }
        }
        return found
    }

    private static func downwardPod() -> String {
        guard let namespace = FlagEnvironment.variable("POD_NAMESPACE"), let name = FlagEnvironment.variable("POD_NAME")
        else { return "" }
        return "\(namespace)/\(name)"
    }
}
