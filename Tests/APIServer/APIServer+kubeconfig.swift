import Foundation

extension APIServer {
    /// The authority of its certificate, PEM; nil without TLS.
    package var authority: [UInt8]? { certificates?.authority }

    /// A kubeconfig for this server.
    ///
    /// - Parameter tokenFile: read by the client, again and again; a token in the text otherwise.
    package func kubeconfig(token: String? = nil, tokenFile: String? = nil, namespace: String = "default") -> String {
        var user = "{}"
        if let token { user = "{token: \"\(token)\"}" }
        if let tokenFile { user = "{tokenFile: \"\(tokenFile)\"}" }
        if let client = certificates?.client {
            user =
                "{client-certificate-data: \(Self.base64(client.certificate)), "
                + "client-key-data: \(Self.base64(client.key))}"
        }
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

    private var certificateAuthority: String {
        certificates.map { ", certificate-authority-data: \(Self.base64($0.authority))" } ?? ""
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
