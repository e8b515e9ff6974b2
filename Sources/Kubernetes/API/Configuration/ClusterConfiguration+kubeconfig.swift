internal import GatewayAPI

extension ClusterConfiguration {
    /// A cluster of a kubeconfig.
    /// - Parameters:
    ///   - path: a file; nil takes what KUBECONFIG lists, else `~/.kube/config`.
    ///   - context: nil takes the file's `current-context`.
    package static func kubeconfig(
        _ path: String? = nil, context: String? = nil, environment: [String: String] = ProcessEnvironment.current
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let file = try open(path, environment)
        guard let name = context ?? file.currentContext else {
            throw ConfigurationError(
                file.paths.joined(separator: ":"), "has no current-context; set it, or name a context")
        }
        let entry = try file.context(name)
        guard let clusterName = entry.string("cluster") else {
            throw ConfigurationError(entry.path, "context \"\(name)\" names no cluster")
        }
        var configuration = try cluster(try file.cluster(clusterName), clusterName)
        configuration.namespace = entry.string("namespace")
        if let user = entry.string("user") { try configuration.add(user: try file.user(user), user) }
        return configuration
    }

    /// What `--kubernetes` means: the file if one is given, else KUBECONFIG, else the pod's service account, else
    /// `~/.kube/config`.
    package static func detected(
        kubeconfig path: String? = nil, context: String? = nil,
        environment: [String: String] = ProcessEnvironment.current
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let isNamed = path != nil || context != nil || environment["KUBECONFIG"].map { !$0.isEmpty } ?? false
        guard !isNamed, environment["KUBERNETES_SERVICE_HOST"] != nil else {
            return try kubeconfig(path, context: context, environment: environment)
        }
        return try inCluster(environment: environment)
    }

    private static func open(
        _ path: String?, _ environment: [String: String]
    ) throws(ConfigurationError) -> KubeconfigFile {
        var file = KubeconfigFile()
        if let path {
            try file.lay(path, mayBeMissing: false)
        } else if let list = environment["KUBECONFIG"], !list.isEmpty {
            let paths = list.split(separator: ":").map(String.init)
            for path in paths { try file.lay(path, mayBeMissing: paths.count > 1) }
            guard !file.paths.isEmpty else {
                throw ConfigurationError("KUBECONFIG", "names no file that exists: \(list)")
            }
        } else if let home = environment["HOME"], !home.isEmpty {
            try file.lay(home + "/.kube/config", mayBeMissing: true)
        }
        guard !file.paths.isEmpty else {
            throw ConfigurationError(
                "--kubernetes",
                "no API server is known: this is no pod (KUBERNETES_SERVICE_HOST), and there is no --kubeconfig, KUBECONFIG or ~/.kube/config"
            )
        }
        return file
    }

    private static func cluster(
        _ entry: KubeconfigFile.Named, _ name: String
    ) throws(ConfigurationError) -> ClusterConfiguration {
        guard let url = entry.string("server"), let server = ServerURL(url) else {
            throw ConfigurationError(
                entry.path,
                "cluster \"\(name)\": server \"\(entry.string("server") ?? "")\" must be a URL as https://host:port")
        }
        if let proxy = entry.string("proxy-url") {
            throw ConfigurationError(
                entry.path,
                "cluster \"\(name)\": proxy-url \(proxy) is not supported; the API server must be reachable without")
        }
        var configuration = ClusterConfiguration(
            server: server, authorities: try entry.material("certificate-authority"), origin: entry.path)
        configuration.isVerified = entry.node["insecure-skip-tls-verify"]?.boolValue != true
        configuration.serverName = entry.string("tls-server-name")
        return configuration
    }

    /// Fields that would have to change who the caller is, and that nothing here acts on.
    private static let unsupported = [
        "username", "password", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra",
    ]

    private mutating func add(user entry: KubeconfigFile.Named, _ name: String) throws(ConfigurationError) {
        for field in Self.unsupported where entry.node[field].map({ $0.value != .null }) ?? false {
            throw ConfigurationError(
                entry.path, "user \"\(name)\": \(field) is not supported; use a certificate, token, tokenFile or exec")
        }
        if let chain = try entry.material("client-certificate") {
            guard let key = try entry.material("client-key") else {
                throw ConfigurationError(entry.path, "user \"\(name)\": client-certificate needs client-key")
            }
            certificate = Certificate(chain: chain, key: key)
        }
        if let file = entry.file("tokenFile") {
            token = .file(file)
        } else if let text = entry.string("token") {
            token = .text(text)
        } else if let exec = entry.node["exec"], case .mapping = exec.value {
            let plugin = try ExecPlugin(KubeconfigFile.Named(node: exec, path: entry.path), user: name)
            token = .plugin(plugin)
        }
    }
}
