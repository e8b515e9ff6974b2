import ArgumentParser
import GatewayAPI
import Injection
import Interception
import Kubernetes

extension SidecarMode: ExpressibleByArgument {}

/// What goes into pods: `weir inject` and the controller's webhook take the same flags.
struct InjectionOptions: ParsableArguments {
    @OptionGroup(title: "Backends") var backends: BackendOptions

    @Option(help: ArgumentHelp("Image of the proxy and of the redirect container.", valueName: "image"))
    var proxyImage: String = FlagEnvironment.text("proxy-image") ?? "weir:\(WeirVersion.text)"

    @Option(
        help: ArgumentHelp(
            "Repositories of which a pod's annotation weir.dev/proxy-image may name an image for its proxy (default: none).",
            valueName: "repository,..."))
    var allowedProxyImages: String = FlagEnvironment.text("allowed-proxy-images") ?? ""

    @Option(help: ArgumentHelp("Always, IfNotPresent or Never (default: Kubernetes').", valueName: "policy"))
    var imagePullPolicy: String = FlagEnvironment.text("image-pull-policy") ?? ""

    @Option(
        help: ArgumentHelp("Secrets to pull the image with, in the pods' namespaces.", valueName: "name,..."))
    var imagePullSecrets: String = FlagEnvironment.text("image-pull-secrets") ?? ""

    @Option(help: "How the proxy runs: native (Kubernetes 1.29 and later) or container.")
    var sidecar: SidecarMode = FlagEnvironment.value("sidecar", default: .native)

    @Option(
        help: ArgumentHelp(
            "What a proxy asks for and may use, as a container's resources in JSON.", valueName: "json"))
    var proxyResources: String = FlagEnvironment.text("proxy-resources") ?? InjectionOptions.defaultResources

    private static let defaultResources =
        #"{"requests":{"cpu":"10m","memory":"24Mi"},"limits":{"memory":"128Mi"}}"#

    @Option(help: "Worker threads of a proxy.")
    var proxyWorkers: Int = FlagEnvironment.value("proxy-workers", default: 2)

    @Option(help: "Lines of a proxy on standard error: error, warn, info or debug.")
    var proxyLogLevel: String = FlagEnvironment.text("proxy-log-level") ?? "info"

    @Option(help: "Requests that a proxy logs: off, errors or all.")
    var proxyAccessLog: String = FlagEnvironment.text("proxy-access-log") ?? "errors"

    @Option(help: "How long a workload goes on serving while its callers learn that its pod is going; 0s for none.")
    var terminationDelay: DurationArgument = FlagEnvironment.value(
        "termination-delay", default: .init(milliseconds: 5_000))

    @Option(help: "Ports of every injected pod that are not redirected, as 22,8000-8010.")
    var injectExcludeInboundPorts: String = FlagEnvironment.text("inject-exclude-inbound-ports") ?? ""

    @Option(help: "Ports to which no injected pod's outgoing connections are redirected.")
    var injectExcludeOutboundPorts: String = FlagEnvironment.text("inject-exclude-outbound-ports") ?? ""

    @Option(
        name: .customLong("inject-exclude-outbound-cidrs"),
        help: "Networks to which no injected pod's outgoing connections are redirected.")
    var injectExcludeOutboundCIDRs: String = FlagEnvironment.text("inject-exclude-outbound-cidrs") ?? ""

    @Option(help: ArgumentHelp("The API that proxies read instead of the API server.", valueName: "url"))
    var proxyKubernetesVia: String = FlagEnvironment.text("proxy-kubernetes-via") ?? ""

    @Option(help: ArgumentHelp("Who signs its certificate, as a PEM file.", valueName: "file"))
    var proxyKubernetesViaCA: String = FlagEnvironment.text("proxy-kubernetes-via-ca") ?? ""

    func validate() throws {
        try one(of: ["", "Always", "IfNotPresent", "Never"], imagePullPolicy, "image-pull-policy")
        try one(of: ["error", "warn", "info", "debug"], proxyLogLevel, "proxy-log-level")
        try one(of: ["off", "errors", "all"], proxyAccessLog, "proxy-access-log")
        _ = try amounts()
        guard (1...256).contains(proxyWorkers) else {
            throw ValidationError("--proxy-workers: \(proxyWorkers) is not in 1..256; nothing was injected")
        }
        guard !proxyImage.isEmpty else { throw ValidationError("--proxy-image: missing; nothing was injected") }
        guard ImageReference(proxyImage) != nil else {
            throw ValidationError("--proxy-image: '\(proxyImage)' \(ImageReference.rule); nothing was injected")
        }
        _ = try Self.repositories(allowedProxyImages)
        do {
            _ = try RedirectOptions(
                excludeInboundPorts: injectExcludeInboundPorts, excludeOutboundPorts: injectExcludeOutboundPorts,
                excludeOutboundCIDRs: injectExcludeOutboundCIDRs)
        } catch {
            throw ValidationError("injection: \(error)")
        }
    }

    private func one(of allowed: [String], _ value: String, _ flag: String) throws {
        guard !allowed.contains(value) else { return }
        let list = allowed.filter { !$0.isEmpty }.joined(separator: ", ")
        throw ValidationError("--\(flag): '\(value)' is none of \(list); nothing was injected")
    }

    private func amounts() throws -> ResourceAmounts {
        do {
            return try ResourceAmounts(resources: try JSONReader.node(Array(proxyResources.utf8)))
        } catch {
            throw ValidationError("--proxy-resources: \(error); nothing was injected")
        }
    }

    /// Pods choose tag and digest, so none is written here.
    static func repositories(_ list: String) throws -> Set<String> {
        let repositories = try list.split(separator: ",").map { text in
            guard let image = ImageReference(String(text)), image.tag == nil, image.digest == nil else {
                throw ValidationError(
                    "--allowed-proxy-images: '\(text)' must be a repository without tag and digest, as registry.example.com/weir; nothing was injected"
                )
            }
            return image.repository
        }
        return Set(repositories)
    }

    func settings() throws -> InjectionSettings {
        var settings = InjectionSettings(image: proxyImage, version: WeirVersion.text)
        settings.allowedProxyRepositories = try Self.repositories(allowedProxyImages)
        settings.imagePullPolicy = imagePullPolicy.isEmpty ? nil : imagePullPolicy
        settings.imagePullSecrets = imagePullSecrets.split(separator: ",").map(String.init)
        settings.sidecar = sidecar
        settings.resources = try amounts()
        settings.workers = proxyWorkers
        settings.logLevel = proxyLogLevel
        settings.accessLog = proxyAccessLog
        settings.terminationDelay = terminationDelay.milliseconds
        settings.excludeInboundPorts = injectExcludeInboundPorts
        settings.excludeOutboundPorts = injectExcludeOutboundPorts
        settings.excludeOutboundCIDRs = injectExcludeOutboundCIDRs
        settings.environment = backends.environment
        settings.kubernetesVia = given(proxyKubernetesVia)
        if let file = given(proxyKubernetesViaCA) {
            settings.kubernetesViaCA = String(
                decoding: try InputFile.read(file, flag: "proxy-kubernetes-via-ca"), as: UTF8.self)
        }
        return settings
    }

    private func given(_ text: String) -> String? { text.isEmpty ? nil : text }
}
