import ArgumentParser
import GatewayAPI
import Kubernetes
import Proxy
import Reactor
import Routing

/// Where the resources come from.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of manifests (*.yaml, *.yml and *.json), or one file; watched and reloaded.", valueName: "folder"))
    var manifests: String = FlagEnvironment.text("manifests") ?? ""

    @Flag(help: "Read from the Kubernetes API: this pod's cluster, or that of a kubeconfig.")
    var kubernetes = FlagEnvironment.value("kubernetes", default: false)

    @Option(help: ArgumentHelp("Which API server, instead of this pod's; implies --kubernetes.", valueName: "file"))
    var kubeconfig: String = FlagEnvironment.text("kubeconfig") ?? ""

    @Option(
        help: ArgumentHelp(
            "The kubeconfig's context (default: its current one); implies --kubernetes.", valueName: "name"))
    var context: String = FlagEnvironment.text("context") ?? ""

    @Option(
        help: ArgumentHelp(
            "Read what a weir controller serves (https://host:port) instead of the API server's.", valueName: "url"))
    var kubernetesVia: String = FlagEnvironment.text("kubernetes-via") ?? ""

    @Option(
        name: .customLong("kubernetes-via-ca"),
        help: ArgumentHelp(
            "Who signs its certificate, as a PEM file or (in WEIR_KUBERNETES_VIA_CA) the text itself.",
            valueName: "file"))
    var kubernetesViaCA: String = FlagEnvironment.text("kubernetes-via-ca") ?? ""

    @Option(
        help: ArgumentHelp(
            "A service account's token for the audience weir.dev/fan-out, shown there; read again as it changes.",
            valueName: "file"))
    var kubernetesViaTokenFile: String = FlagEnvironment.text("kubernetes-via-token-file") ?? ""

    @Option(help: "An API server that acknowledges nothing for this long is given up; 0s: as the kernel decides.")
    var apiUserTimeout: DurationArgument = FlagEnvironment.value(
        "api-user-timeout", default: .init(milliseconds: 20_000))

    func validate() throws {
        guard manifests.isEmpty || !isCluster else {
            throw ValidationError("--manifests: not together with --kubernetes; nothing was started")
        }
        guard kubernetesVia.isEmpty || context.isEmpty else {
            throw ValidationError("--kubernetes-via: not together with --context; nothing was started")
        }
    }

    /// Whether a source is named at all.
    var isGiven: Bool { !manifests.isEmpty || isCluster }

    var isCluster: Bool {
        kubernetes || !kubeconfig.isEmpty || !context.isEmpty || !kubernetesVia.isEmpty
    }

    /// A source for a proxy that serves `scope`.
    /// - Parameter podLabels: the file with the labels of a sidecar's pod; empty reads the Pod.
    /// - Throws: `ConfigurationError` when no API server can be told from flags and environment.
    func source(_ scope: ClusterScope, podLabels: String) throws -> (EventLoop) -> any ResourceSource {
        guard isGiven else {
            throw ValidationError(
                "--manifests FOLDER or --kubernetes: missing; without it there is nothing to serve (or WEIR_MANIFESTS)")
        }
        guard manifests.isEmpty else {
            let folder = manifests
            return { _ in FolderSource(path: folder) }
        }
        let configuration = try configuration()
        let labels = podLabels.isEmpty ? nil : PodLabelsFile(path: podLabels)
        return { loop in
            ClusterSource(
                transport: APIClient(configuration, loop: loop, userAgent: WeirVersion.userAgent),
                name: configuration.server.description, scope: scope, podLabels: labels)
        }
    }

    /// Everything that the source holds now, for commands that read it once.
    /// - Parameter files: manifests besides those of the flags: files, folders, `-` for standard input.
    func load(files: [String] = []) throws -> SourceState {
        guard isCluster else {
            let paths = (manifests.isEmpty ? [] : [manifests]) + files
            guard !paths.isEmpty else {
                throw ValidationError(
                    "--filename FILE, --manifests FOLDER or --kubernetes: missing; without it there is nothing to look at"
                )
            }
            return try Self.load(paths)
        }
        guard files.isEmpty else { throw ValidationError("--filename: not together with --kubernetes") }
        return try ClusterSource.load(configuration(), userAgent: WeirVersion.userAgent) { resources in
            RoutePlanner.plan(resources: resources, scope: .cluster).wantedSecrets
        }
    }

    private static func load(_ paths: [String]) throws -> SourceState {
        let texts =
            paths.contains("-")
            ? [(name: "standard input", bytes: try InputFile.read("-", flag: "filename"))] : []
        var limits = ManifestLimits()
        limits.keepsOthers = true
        return ManifestFolder.load(paths.filter { $0 != "-" }, texts: texts, limits: limits)
    }

    private func configuration() throws -> ClusterConfiguration {
        var configuration = try chosenConfiguration()
        configuration.userTimeout = apiUserTimeout.nanoseconds
        return configuration
    }

    private func chosenConfiguration() throws -> ClusterConfiguration {
        guard !kubernetesVia.isEmpty else {
            return try ClusterConfiguration.detected(
                kubeconfig: kubeconfig.isEmpty ? nil : kubeconfig, context: context.isEmpty ? nil : context)
        }
        var authorities: ClusterConfiguration.Material?
        if kubernetesViaCA.hasPrefix("-----BEGIN") {
            authorities = .bytes(Array(kubernetesViaCA.utf8))
        } else if !kubernetesViaCA.isEmpty {
            authorities = .file(kubernetesViaCA)
        }
        return try ClusterConfiguration.served(
            at: kubernetesVia, authorities: authorities,
            tokenFile: kubernetesViaTokenFile.isEmpty ? nil : kubernetesViaTokenFile)
    }
}
