import ArgumentParser
import Controller
import GatewayAPI
import Glibc
import Injection
import Kubernetes
import Reactor
import Telemetry

struct ControllerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller",
        abstract: "Do what a cluster needs once: status, gateways, injection, and the resources for many proxies.",
        discussion: """
            With --kubernetes every replica injects and serves; the one that holds the lease writes. With --manifests a folder is \
            served the same way, for machines outside a cluster.
            """)

    @Option(
        help: ArgumentHelp("Serve a folder's resources instead of a cluster's.", valueName: "folder"))
    var manifests: String = FlagEnvironment.text("manifests") ?? ""

    @Flag(help: "Work for a Kubernetes cluster: the one this pod is in, or that of a kubeconfig.")
    var kubernetes = FlagEnvironment.value("kubernetes", default: false)

    @Option(help: ArgumentHelp("Which API server, instead of this pod's.", valueName: "file"))
    var kubeconfig: String = FlagEnvironment.text("kubeconfig") ?? ""

    @Option(help: "The controller's own namespace: of its lease, certificates and Service.")
    var namespace: String =
        FlagEnvironment.text("namespace") ?? FlagEnvironment.variable("POD_NAMESPACE") ?? "weir-system"

    @Flag(inversion: .prefixedNo, help: "Write only while holding the lease. Needed when there are several replicas.")
    var leaderElection = FlagEnvironment.value("leader-election", default: true)

    @Option(help: "An API server that acknowledges nothing for this long is given up; 0s: as the kernel decides.")
    var apiUserTimeout: DurationArgument = FlagEnvironment.value(
        "api-user-timeout", default: .init(milliseconds: 20_000))

    @Option(
        help: ArgumentHelp(
            "Where the injection webhook listens, as 0.0.0.0:15017 (default: nowhere).", valueName: "address:port"))
    var webhook: String = FlagEnvironment.text("webhook") ?? ""

    @Option(
        name: .customLong("webhook-client-ca"),
        help: ArgumentHelp(
            "PEM of whoever signs the certificate that the API server shows the webhook; without one nobody is answered (default: no certificate is asked for).",
            valueName: "file"))
    var webhookClientCA: String = FlagEnvironment.text("webhook-client-ca") ?? ""

    @Option(
        help: ArgumentHelp(
            "Where the resources are served, as 0.0.0.0:15012 (default: nowhere).", valueName: "address:port"))
    var serve: String = FlagEnvironment.text("serve") ?? ""

    @Option(
        help: ArgumentHelp(
            "PEM of the served API's certificate chain, read again as it changes (default: the controller's own).",
            valueName: "file"))
    var serveCertificate: String = FlagEnvironment.text("serve-certificate") ?? ""

    @Option(help: ArgumentHelp("PEM of its private key.", valueName: "file"))
    var serveKey: String = FlagEnvironment.text("serve-key") ?? ""

    @Flag(help: "Serve the resources to whoever asks. Without it callers need a service account's token.")
    var allowAnonymous = FlagEnvironment.value("allow-anonymous", default: false)

    @Flag(help: "Have injected proxies read from here instead of from the API server; needs --serve and --webhook.")
    var fanOut = FlagEnvironment.value("fan-out", default: false)

    @Option(help: ArgumentHelp("Where health and metrics are served.", valueName: "address:port"))
    var telemetry: String = FlagEnvironment.text("telemetry") ?? "0.0.0.0:15020"

    @Option(help: "Lines on standard error: error, warn, info or debug.")
    var logLevel: String = FlagEnvironment.text("log-level") ?? "info"

    @Option(help: "Form of these lines: text or json.")
    var logFormat: LogFormat = FlagEnvironment.value("log-format", default: .text)

    @OptionGroup(title: "Proxies") var injection: InjectionOptions

    func validate() throws {
        guard kubernetes || !kubeconfig.isEmpty || !manifests.isEmpty else {
            throw ValidationError("--kubernetes or --manifests FOLDER: missing; nothing was started")
        }
        guard manifests.isEmpty || (!kubernetes && kubeconfig.isEmpty) else {
            throw ValidationError("--manifests: not together with --kubernetes; nothing was started")
        }
        for (flag, text) in [("webhook", webhook), ("serve", serve), ("telemetry", telemetry)] where !text.isEmpty {
            _ = try address(flag, text)
        }
        try validateServing()
        guard ResourceName.isLabel(namespace) else {
            throw ValidationError("--namespace: '\(namespace)' is not the name of a namespace; nothing was started")
        }
        guard LogLevel(name: logLevel) != nil else {
            throw ValidationError("--log-level: '\(logLevel)' is none of error, warn, info, debug")
        }
    }

    private func validateServing() throws {
        let isFolder = !manifests.isEmpty
        guard serveCertificate.isEmpty == serveKey.isEmpty else {
            throw ValidationError("--serve-certificate and --serve-key: only together; nothing was started")
        }
        guard !isFolder || (!serve.isEmpty && webhook.isEmpty) else {
            throw ValidationError(
                "--manifests: needs --serve, and has no use for --webhook: there is no cluster; nothing was started")
        }
        guard !isFolder || allowAnonymous else {
            throw ValidationError(
                "--allow-anonymous: missing; without a cluster nobody can tell callers apart, and all would be refused; nothing was started"
            )
        }
        guard webhookClientCA.isEmpty || !webhook.isEmpty else {
            throw ValidationError("--webhook-client-ca: needs --webhook; nothing was started")
        }
        guard isFolder || serve.isEmpty || !webhook.isEmpty || !serveCertificate.isEmpty else {
            throw ValidationError(
                "--serve: needs --webhook, whose certificate it shares, or --serve-certificate; nothing was started")
        }
        guard !fanOut || (!serve.isEmpty && !webhook.isEmpty) else {
            throw ValidationError("--fan-out: needs --serve and --webhook; nothing was started")
        }
    }

    private func configuration() throws -> ClusterConfiguration {
        var configuration = try ClusterConfiguration.detected(kubeconfig: kubeconfig.isEmpty ? nil : kubeconfig)
        configuration.userTimeout = apiUserTimeout.nanoseconds
        return configuration
    }

    func run() throws {
        if let level = LogLevel(name: logLevel) { Log.level = level }
        Log.format = logFormat
        let source: ControllerOptions.Source =
            manifests.isEmpty
            ? .cluster(try configuration())
            : .manifests(manifests)
        var injectionSettings = try injection.settings()
        injectionSettings.systemNamespace = namespace
        var options = ControllerOptions(
            source: source, namespace: namespace, identity: identity,
            telemetry: try address("telemetry", telemetry),
            provisioning: ProvisioningSettings(
                image: injection.proxyImage, environment: injection.backends.environment,
                backends: try injection.backends.policy()),
            injection: injectionSettings, version: WeirVersion.text)
        options.provisioning.bindsInjectedNamespaces = !fanOut
        options.provisioning.systemNamespace = namespace
        options.usesLeaderElection = leaderElection
        options.webhook = webhook.isEmpty ? nil : try address("webhook", webhook)
        if !webhookClientCA.isEmpty {
            let file = webhookClientCA
            options.webhookClientAuthorities = { try InputFile.read(file, flag: "webhook-client-ca") }
        }
        options.serve = serve.isEmpty ? nil : try address("serve", serve)
        options.allowsAnonymous = allowAnonymous
        options.fansOut = fanOut
        if !serveCertificate.isEmpty {
            let (chain, key) = (serveCertificate, serveKey)
            options.serveCertificate = {
                (
                    chain: try InputFile.read(chain, flag: "serve-certificate"),
                    key: try InputFile.read(key, flag: "serve-key")
                )
            }
        }
        try ControllerRuntime(options).run()
    }

    /// The pod's name; outside of one the host's, and something that no other process of it has.
    private var identity: String {
        if let pod = FlagEnvironment.variable("POD_NAME") { return pod }
        var buffer = [CChar](repeating: 0, count: 256)
        let isNamed = gethostname(&buffer, buffer.count - 1) == 0
        let host =
            isNamed ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "weir"
        return "\(host)-\(getpid())-\(UInt32.random(in: .min ... .max))"
    }

    private func address(_ flag: String, _ text: String) throws -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw ValidationError("--\(flag): '\(text)' is not ADDRESS:PORT; nothing was started")
        }
        return address
    }
}
