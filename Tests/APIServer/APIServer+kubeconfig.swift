import Foundation

extension APIServer {
    /// A kubeconfig for this server.
    ///
    /// - Parameter tokenFile: read by the client, again and again; a token in the text otherwise.
    package func kubeconfig(token: String? = nil, tokenFile: String? = nil, namespace: String = "default") -> String {
        var user = "{}"
        if let token { user = "{token: \"\(token)\"}" }
        if let tokenFile { user = "{tokenFile: \"\(tokenFile)\"}" }
        return """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster: {server: "\(url)"\(certificateAuthority)}
            users:
            - name: test
              user: \(user)
            contexts:
            - name: test
              context: {cluster: test, user: test, namespace: \(namespace)}

            """
    }

    private var certificateAuthority: String { "" }
}
