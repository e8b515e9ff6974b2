import ArgumentParser
import GatewayAPI
import Interception

extension RedirectOptions.IPv6Mode: ExpressibleByArgument {}

struct InterceptGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intercept",
        abstract: "Redirect this network namespace's TCP traffic to the sidecar, by iptables.",
        discussion: "Needs CAP_NET_ADMIN and CAP_NET_RAW, and keeps no other.",
        subcommands: [Install.self, Remove.self, Show.self, Verify.self])
}

/// What the redirect leaves alone.
struct RedirectArguments: ParsableArguments {
    @Option(name: .customLong("proxy-uid"), help: "User and group id of the proxy, whose own traffic is left alone.")
    var proxyUID: Int = FlagEnvironment.value("proxy-uid", default: RedirectOptions.defaultProxyUID)

    @Option(help: "Where the sidecar takes incoming connections.")
    var inboundPort: Int = FlagEnvironment.value("inbound-port", default: RedirectOptions.defaultInboundPort)

    @Option(help: "Where the sidecar takes outgoing connections.")
    var outboundPort: Int = FlagEnvironment.value("outbound-port", default: RedirectOptions.defaultOutboundPort)

    @Option(help: "Ports of the pod that are not redirected, as 22,8000-8010 (15020 never is).")
    var excludeInboundPorts: String = FlagEnvironment.text("exclude-inbound-ports") ?? ""

    @Option(help: "Ports to which outgoing connections are not redirected.")
    var excludeOutboundPorts: String = FlagEnvironment.text("exclude-outbound-ports") ?? ""

    @Option(
        name: .customLong("exclude-outbound-cidrs"), help: "Networks to which outgoing connections are not redirected.")
    var excludeOutboundCIDRs: String = FlagEnvironment.text("exclude-outbound-cidrs") ?? ""

    @Option(name: .customLong("ipv6"), help: "auto (where the namespace has it), on or off.")
    var ipv6: RedirectOptions.IPv6Mode = FlagEnvironment.value("ipv6", default: .auto)

    func options() throws -> RedirectOptions {
        do {
            return try RedirectOptions(
                proxyUID: proxyUID, inboundPort: inboundPort, outboundPort: outboundPort,
                excludeInboundPorts: excludeInboundPorts, excludeOutboundPorts: excludeOutboundPorts,
                excludeOutboundCIDRs: excludeOutboundCIDRs, ipv6: ipv6)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put the rules in place; a second time changes nothing.")
    @OptionGroup var redirect: RedirectArguments

    func run() throws {
        print(VisibleText.page(try InterceptCommand.install(redirect.options())))
    }
}

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take every rule and chain of Weir out.")
    @OptionGroup var redirect: RedirectArguments

    func run() throws {
        print(VisibleText.page(try InterceptCommand.remove(ipv6: redirect.options().ipv6)))
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the live rules.")

    func run() throws {
        print(VisibleText.page(try InterceptCommand.show()))
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Exit 0 when the rules are in place, 1 when absent or altered.")
    @OptionGroup var redirect: RedirectArguments

    func run() throws {
        let verification = try InterceptCommand.verify(redirect.options())
        print(VisibleText.page(verification.text))
        if !verification.isInPlace { throw ExitCode.failure }
    }
}
