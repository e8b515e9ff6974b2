internal import GatewayAPI

/// A program that prints credentials (`client.authentication.k8s.io`), as a kubeconfig names it.
package struct ExecPlugin: Hashable, Sendable {
    static let group = "client.authentication.k8s.io"
    private static let versions = ["\(group)/v1", "\(group)/v1beta1"]

    /// A name to look for on PATH, or a path.
    package var command: String
    package var arguments: [String] = []
    /// Added to the process's own environment.
    package var environment: [String: String] = [:]
    package var apiVersion: String
    /// Whether the program is told of the cluster.
    package var providesClusterInfo = false
    /// Said when the program is not there.
    package var installHint: String?

    init(_ entry: KubeconfigFile.Named, user: String) throws(ConfigurationError) {
        func error(_ message: String) -> ConfigurationError {
            ConfigurationError(entry.path, "user \"\(user)\": exec: \(message)")
        }
        guard let command = entry.string("command") else { throw error("command is required") }
        let apiVersion = entry.string("apiVersion") ?? ""
        guard Self.versions.contains(apiVersion) else {
            throw error("apiVersion \"\(apiVersion)\" must be \(Self.versions.joined(separator: " or "))")
        }
        if entry.string("interactiveMode") == "Always" {
            throw error("interactiveMode Always is not supported: nobody is there to be asked")
        }
        self.command = command.contains("/") ? entry.resolve(command) : command
        self.apiVersion = apiVersion
        arguments = entry.node["args"]?.elements.compactMap(\.stringValue) ?? []
        for variable in entry.node["env"]?.elements ?? [] {
            guard let name = variable["name"]?.stringValue else { continue }
            environment[name] = variable["value"]?.stringValue ?? ""
        }
        providesClusterInfo = entry.node["provideClusterInfo"]?.boolValue ?? false
        installHint = entry.string("installHint")
    }

    /// What the program finds in KUBERNETES_EXEC_INFO.
    func information(of configuration: ClusterConfiguration, authorities: [UInt8]?) -> String {
        var spec: Node = .mapping(["interactive": false])
        if providesClusterInfo {
            var cluster: Node = .mapping(["server": .string(configuration.server.description)])
            if let name = configuration.serverName { cluster.set("tls-server-name", .string(name)) }
            if !configuration.isVerified { cluster.set("insecure-skip-tls-verify", true) }
            if let authorities { cluster.set("certificate-authority-data", .string(Base64.encode(authorities))) }
            spec.set("cluster", cluster)
        }
        return Node.mapping(["apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec]).jsonText
    }

    /// Reads what the program printed.
    /// - Throws: what is wrong with it.
    func credentials(_ output: [UInt8]) throws(APIError) -> ExecCredentials {
        let root: Node
        do throws(JSONError) {
            root = try JSONReader.node(output)
        } catch {
            throw .credentials("\(command) printed no ExecCredential: it \(error)")
        }
        guard root["kind"]?.stringValue == "ExecCredential", root["apiVersion"]?.stringValue == apiVersion else {
            throw .credentials("\(command) printed something else than an ExecCredential of \(apiVersion)")
        }
        let status = root["status"]
        var credentials = ExecCredentials()
        credentials.token = status?["token"]?.stringValue
        if let chain = status?["clientCertificateData"]?.stringValue, let key = status?["clientKeyData"]?.stringValue {
            credentials.chain = Array(chain.utf8)
            credentials.key = Array(key.utf8)
        }
        guard credentials.token != nil || credentials.chain != nil else {
            throw .credentials("\(command) printed neither a token nor a certificate with its key")
        }
        if let time = status?["expirationTimestamp"]?.stringValue {
            guard let seconds = Timestamp.parse(time) else {
                throw .credentials("\(command) printed an expirationTimestamp that is no time: \(time.prefix(40))")
            }
            credentials.expires = seconds
        }
        return credentials
    }
}

/// What an exec plugin gave.
struct ExecCredentials: Hashable {
    var token: String?
    /// PEM.
    var chain: [UInt8]?
    var key: [UInt8]?
    /// Seconds since 1970; nil for no end.
    var expires: Int64?
}
