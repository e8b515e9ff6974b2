import Foundation
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// Tokens and certificates from files and plugins, as they are now.
@Suite struct CredentialTests {
    private let folder: TemporaryFolder
    private let loop: EventLoop

    init() throws {
        folder = try TemporaryFolder()
        loop = try EventLoop()
    }

    private func configuration(_ token: ClusterConfiguration.Token?) -> ClusterConfiguration {
        ClusterConfiguration(
            server: ServerURL(isSecure: true, host: "h", port: 443), token: token, origin: "a test")
    }

    /// Asks once, running the loop until the answer is there.
    private func get(_ store: CredentialStore) -> Result<Credentials, APIError>? {
        var answer: Result<Credentials, APIError>?
        let guardTimer = loop.after(UInt64(LoopTest.patience * 1e9)) { loop.stop() }
        loop.after(0) {
            store.get {
                answer = $0
                loop.stop()
            }
        }
        loop.run()
        loop.cancel(guardTimer)
        return answer
    }

    private func token(_ store: CredentialStore) -> String? { try? get(store)?.get().token }

    private func reason(_ store: CredentialStore) -> String {
        guard case .failure(let error)? = get(store) else { return "no error" }
        return "\(error)"
    }

    /// A program that counts its runs and prints an ExecCredential.
    private func plugin(_ status: String, prelude: String = "") throws -> ExecPlugin {
        let text = """
            \(prelude)
            echo run >> "\(folder.path)/runs"
            n=$(wc -l < "\(folder.path)/runs" | tr -d ' ')
            printf '%s' "$KUBERNETES_EXEC_INFO" > "\(folder.path)/info"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\(status)}' | sed "s/@N@/$n/;s/@A@/$1/"
            """
        try folder.write("plugin", text)
        let entry: Node = .mapping([
            // Not the script itself: while it is written, another test's child may have it open.
            "command": "sh", "apiVersion": "client.authentication.k8s.io/v1",
            "args": [.string(folder.path + "/plugin"), "x"],
        ])
        return try ExecPlugin(KubeconfigFile.Named(node: entry, path: "config"), user: "u")
    }

    private var runs: Int {
        ((try? String(contentsOfFile: folder.path + "/runs", encoding: .utf8)) ?? "").split(separator: "\n").count
    }

    @Test func aTokenFileIsReadAgainWhenTheServerRefusedIt() throws {
        try folder.write("token", "one\n")
        let store = CredentialStore(configuration(.file(folder.path + "/token")), loop: loop)
        #expect(token(store) == "one")
        try folder.write("token", "two\n")
        #expect(token(store) == "one")
        store.refused(try #require(try get(store)?.get()))
        #expect(token(store) == "two")
        // Refused long ago: what has been read since stays.
        store.refused(Credentials(token: "one"))
        #expect(token(store) == "two")
    }

    @Test func aTokenFileThatCannotBeReadKeepsTheLastGoodToken() throws {
        let store = CredentialStore(configuration(.file(folder.path + "/token")), loop: loop)
        #expect(reason(store).contains("does not exist"))
        try folder.write("token", "a\u{1}b")
        #expect(reason(store).contains("holds no token"))
        try folder.write("token", "one")
        let good = try #require(try get(store)?.get())
        try folder.write("token", "")
        store.refused(good)
        #expect(token(store) == "one")
    }

    @Test func aPluginIsRunOnceUntilItsCredentialsEnd() throws {
        let store = CredentialStore(
            configuration(.plugin(try plugin(#"{"token":"t-@N@-@A@","expirationTimestamp":"2999-01-01T00:00:00Z"}"#))),
            loop: loop)
        #expect(token(store) == "t-1-x")
        #expect(token(store) == "t-1-x" && runs == 1)
        store.refused(try #require(try get(store)?.get()))
        #expect(token(store) == "t-2-x")
        let information = try String(contentsOfFile: folder.path + "/info", encoding: .utf8)
        #expect(information.contains(#""kind":"ExecCredential""#))
    }

    @Test func aPluginWhoseCredentialsLiveShortlyIsNotRunForEachRequest() throws {
        let end = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 55))
        let store = CredentialStore(
            configuration(.plugin(try plugin(#"{"token":"t-@N@","expirationTimestamp":"\#(end)"}"#))), loop: loop)
        #expect(token(store) == "t-1")
        #expect(token(store) == "t-1" && runs == 1)
    }

    @Test func aPluginWhoseCredentialsEndedIsRunAgain() throws {
        let store = CredentialStore(
            configuration(.plugin(try plugin(#"{"token":"t-@N@","expirationTimestamp":"2001-01-01T00:00:00Z"}"#))),
            loop: loop)
        #expect(token(store) == "t-1")
        #expect(token(store) == "t-2")
    }

    @Test func aPluginMayGiveACertificate() throws {
        let store = CredentialStore(
            configuration(.plugin(try plugin(#"{"clientCertificateData":"CRT","clientKeyData":"KEY"}"#))), loop: loop)
        let credentials = try #require(try get(store)?.get())
        #expect(credentials.transport.chain == Array("CRT".utf8) && credentials.transport.key == Array("KEY".utf8))
    }

    @Test func whatAPluginDoesWrongIsSaid() throws {
        func said(_ status: String, prelude: String = "") throws -> String {
            reason(CredentialStore(configuration(.plugin(try plugin(status, prelude: prelude))), loop: loop))
        }
        #expect(try said("{}").contains("neither a token nor a certificate"))
        #expect(try said(#"{"token":"t","expirationTimestamp":"soon"}"#).contains("no time: soon"))
        #expect(try said("{").contains("printed no ExecCredential"))
        #expect(try said("{}", prelude: "exit 3").contains("ended with status 3"))
        #expect(try said("{}", prelude: "head -c 2000000 /dev/zero; exit 0").contains("printed more than"))
        var missing = try plugin("{}")
        missing.command = folder.path + "/not-there"
        missing.installHint = "install it"
        #expect(reason(CredentialStore(configuration(.plugin(missing)), loop: loop)).contains("install it"))
    }
}
