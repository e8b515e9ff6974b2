internal import Glibc

extension ClusterConfiguration {
    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// What a pod has: the server in the environment, token and authority in its service account's volume.
    /// - Parameter folder: where the volume is.
    /// - Throws: `ConfigurationError` outside of a cluster.
    package static func inCluster(
        environment: [String: String] = ProcessEnvironment.current, folder: String = serviceAccountFolder
    ) throws(ConfigurationError) -> ClusterConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else {
            throw ConfigurationError("KUBERNETES_SERVICE_HOST", "is not set; this process does not run in a pod")
        }
        let text = environment["KUBERNETES_SERVICE_PORT"] ?? "443"
        guard let port = UInt16(text), port > 0 else {
            throw ConfigurationError("KUBERNETES_SERVICE_PORT", "is \"\(text)\"; it must be 1..65535")
        }
        let token = folder + "/token"
        guard unsafe access(token, R_OK) == 0 else {
            throw ConfigurationError(
                token, "cannot be read; the pod needs its service account's token (automountServiceAccountToken)")
        }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        return ClusterConfiguration(
            server: ServerURL(isSecure: true, host: bare, port: port), authorities: .file(folder + "/ca.crt"),
            token: .file(token), namespace: namespace(folder), origin: "the pod's service account")
    }

    /// A server that speaks the same protocol from its cache, as `weir controller` does. It never gets the service
    /// account's own token, which opens the API server.
    /// - Parameters:
    ///   - authorities: nil takes the cluster's authority, else the system's.
    ///   - tokenFile: a token made for it; nil shows none.
    package static func served(
        at url: String, authorities: Material?, tokenFile: String? = nil, folder: String = serviceAccountFolder
    ) throws(ConfigurationError) -> ClusterConfiguration {
        guard let server = ServerURL(url) else {
            throw ConfigurationError("--kubernetes-via", "\"\(url)\" must be a URL as https://host:port")
        }
        var authorities = authorities
        if authorities == nil, unsafe access(folder + "/ca.crt", R_OK) == 0 { authorities = .file(folder + "/ca.crt") }
        if let tokenFile { try check(tokenFile, for: server) }
        var configuration = ClusterConfiguration(
            server: server, authorities: authorities, token: tokenFile.map { .file($0) },
            namespace: namespace(folder), origin: "--kubernetes-via \(server)")
        // Every replica of the controller has versions of its own.
        configuration.streamsLists = true
        configuration.serverTitle = "the controller"
        return configuration
    }

    private static func check(_ tokenFile: String, for server: ServerURL) throws(ConfigurationError) {
        let flag = "--kubernetes-via-token-file"
        guard server.isSecure else {
            throw ConfigurationError(
                flag, "is of no use with \(server): in the clear everyone on the way could take the token; use https")
        }
        guard unsafe access(tokenFile, R_OK) == 0 else {
            throw ConfigurationError(
                flag, "\(tokenFile) cannot be read; it must hold a token for the audience weir.dev/fan-out")
        }
    }

    private static func namespace(_ folder: String) -> String? {
        guard let bytes = try? FileSystem.read(folder + "/namespace", maximum: 1 << 10).bytes else { return nil }
        let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return name.isEmpty ? nil : name
    }
}

/// The process's environment as values.
package enum ProcessEnvironment {
    package static var current: [String: String] {
        var variables: [String: String] = [:]
        var position = 0
        while let pointer = unsafe environ[position] {
            let entry = unsafe String(cString: pointer)
            position += 1
            guard let equals = entry.firstIndex(of: "=") else { continue }
            variables[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
        }
        return variables
    }
}
