import ArgumentParser
import GatewayAPI
import Kubernetes
import Proxy
import Reactor
import Routing

struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Serve a Gateway's listeners.",
        usage: "weir gateway --gateway <namespace/name> (--manifests <folder> | --kubernetes) [<options>]")

    @Option(help: ArgumentHelp("The Gateway to serve. It need not exist yet.", valueName: "namespace/name"))
    var gateway: String = FlagEnvironment.text("gateway") ?? ""

    @Option(help: ArgumentHelp("Address that the listeners are bound to.", valueName: "address"))
    var bind: String = FlagEnvironment.text("bind") ?? "0.0.0.0"

    @Option(help: "A listener on port P binds P plus this, so that 80 can be tried without privilege.")
    var portOffset: UInt16 = FlagEnvironment.value("port-offset", default: 0)

    @Option(
        help: ArgumentHelp(
            "Peers that are believed about whom a request comes from; what all others say of it is dropped.",
            valueName: "cidr,..."))
    var trustForwardedFrom: String = FlagEnvironment.text("trust-forwarded-from") ?? ""

    @Flag(help: "Let fields in whose names have other bytes than letters, digits and hyphens, as X_User.")
    var allowUnderscores: Bool = FlagEnvironment.value("allow-underscores", default: false)

    @OptionGroup var process: ProcessOptions

    func run() throws {
        guard !gateway.isEmpty else {
            throw ValidationError(
                "--gateway NAMESPACE/NAME: missing; without it there is nothing to serve (or WEIR_GATEWAY)")
        }
        guard let key = ObjectKey(gateway) else {
            throw ValidationError("--gateway: '\(gateway)' is not NAMESPACE/NAME; nothing was started")
        }
        guard let address = SocketAddress(host: bind, port: 0) else {
            throw ValidationError("--bind: '\(bind)' is not an IP address; nothing was started")
        }
        var options = try process.proxyOptions(
            .gateway(key, bind: address, portOffset: portOffset),
            .gateway(
                key,
                GatewayAdmission(
                    controller: RoutePlanner.gatewayController, className: RoutePlanner.gatewayClassName)))
        options.trustedPeers = try trustedPeers()
        options.allowsAmbiguousFields = allowUnderscores
        try ProxyRuntime(options).run()
    }

    private func trustedPeers() throws -> TrustedPeers {
        TrustedPeers(
            networks: try trustForwardedFrom.split(separator: ",").map { text in
                guard let network = TrustedPeers.network(String(text)) else {
                    throw ValidationError(
                        "--trust-forwarded-from: '\(text)' is not a CIDR like 10.0.0.0/8; nothing was started")
                }
                return network
            })
    }
}
