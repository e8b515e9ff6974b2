import Foundation
import GatewayAPI
import Testing

@testable import Kubernetes

/// Where an API server is and how one is let in.
@Suite struct ClusterConfigurationTests {
    private func error(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("https://10.0.0.1", "https://10.0.0.1:443"), ("http://localhost:8080/", "http://localhost:8080"),
        ("https://[fd00::1]:6443", "https://[fd00::1]:6443"),
        ("https://h/k8s/clusters/c-1/", "https://h:443/k8s/clusters/c-1"),
        ("https://[::1]", "https://[::1]:443"),
    ])
    func serversAreURLs(text: String, normal: String) {
        #expect(ServerURL(text)?.description == normal)
    }

    @Test(arguments: [
        "", "10.0.0.1:443", "ftp://a", "https://", "https://:443", "https://a:0", "https://a:70000", "https://a:x",
        "https://a b",
        "https://u@a", "https://a?x=1", "https://[::1", "https://[::1]x",
    ])
    func otherTextIsNoServer(text: String) {
        #expect(ServerURL(text) == nil)
    }

    @Test func aPodFindsItsServer() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "abc\n")
        try folder.write("ca.crt", "CA")
        try folder.write("namespace", "ana\n")
        for host in ["fd00::1", "[fd00::1]"] {
            let cluster = try ClusterConfiguration.inCluster(
                environment: ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "6443"], folder: folder.path)
            #expect(cluster.server.description == "https://[fd00::1]:6443")
            #expect(cluster.namespace == "ana")
            #expect(cluster.authorities == .file(folder.path + "/ca.crt"))
            #expect(cluster.token == .file(folder.path + "/token"))
        }
    }

    @Test func outsideOfAPodOneIsToldSo() throws {
        let folder = try TemporaryFolder()
        #expect(
            error { _ = try ClusterConfiguration.inCluster(environment: [:], folder: folder.path) }.contains(
                "does not run in a pod"))
        let environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "x"]
        #expect(
            error { _ = try ClusterConfiguration.inCluster(environment: environment, folder: folder.path) }.contains(
                "1..65535"))
        let withoutToken = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        #expect(
            error { _ = try ClusterConfiguration.inCluster(environment: withoutToken, folder: folder.path) }.contains(
                "token"))
    }

    @Test func aTokenIsNotGivenToAServedAPIInTheClear() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "abc")
        try folder.write("ca.crt", "CA")
        let secure = try ClusterConfiguration.served(at: "https://c:15012", authorities: nil, folder: folder.path)
        #expect(secure.token == nil, "what opens the API server is never shown to anybody else")
        #expect(secure.authorities == .file(folder.path + "/ca.crt"))
        let plain = try ClusterConfiguration.served(at: "http://c:15012", authorities: .bytes([1]), folder: folder.path)
        #expect(plain.token == nil && plain.authorities == .bytes([1]))
        try folder.write("own", "def")
        let own = folder.path + "/own"
        #expect(
            try ClusterConfiguration.served(at: "https://c:15012", authorities: nil, tokenFile: own).token == .file(own)
        )
        for (url, file, text) in [
            ("http://c:15012", own, "in the clear"),
            ("https://c:15012", own + "-missing", "own-missing cannot be read"),
        ] {
            let message = error {
                _ = try ClusterConfiguration.served(at: url, authorities: nil, tokenFile: file)
            }
            #expect(message.contains("--kubernetes-via-token-file: ") && message.contains(text), "\(message)")
        }
        #expect(
            error { _ = try ClusterConfiguration.served(at: "c:15012", authorities: nil) }.contains("must be a URL"))
    }

    private static let kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c1
          cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: Q0E=, tls-server-name: kubernetes}
        - name: c2
          cluster: {server: "http://127.0.0.1:8001", insecure-skip-tls-verify: true, certificate-authority: ca.pem}
        - name: proxied
          cluster: {server: "https://10.0.0.1", proxy-url: "http://proxy:3128"}
        users:
        - name: cert
          user: {client-certificate-data: Q1JU, client-key-data: S0VZ}
        - name: files
          user: {client-certificate: sub/c.pem, client-key: /abs/k.pem, tokenFile: token}
        - name: token
          user: {token: abc}
        - name: exec
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./get-token
              args: [--now, "1"]
              env: [{name: A, value: b}]
              provideClusterInfo: true
        - name: basic
          user: {username: u, password: p}
        - name: someone-else
          user: {token: abc, as: root}
        contexts:
        - {name: one, context: {cluster: c1, user: cert, namespace: ana}}
        - {name: two, context: {cluster: c2, user: files}}
        - {name: three, context: {cluster: c1, user: token}}
        - {name: exec, context: {cluster: c1, user: exec}}
        - {name: proxied, context: {cluster: proxied, user: token}}
        - {name: basic, context: {cluster: c1, user: basic}}
        - {name: as, context: {cluster: c1, user: someone-else}}
        - {name: nowhere, context: {cluster: none}}

        """

    private func load(_ context: String?, _ text: String = kubeconfig) throws -> (ClusterConfiguration, String) {
        let folder = try TemporaryFolder()
        try folder.write("config", text)
        return (try ClusterConfiguration.kubeconfig(folder.path + "/config", context: context), folder.path)
    }

    @Test func theCurrentContextIsTaken() throws {
        let (cluster, _) = try load(nil)
        #expect(cluster.server.description == "https://10.0.0.1:6443")
        #expect(cluster.authorities == .bytes(Array("CA".utf8)))
        #expect(cluster.serverName == "kubernetes" && cluster.isVerified && cluster.namespace == "ana")
        #expect(cluster.certificate == .init(chain: .bytes(Array("CRT".utf8)), key: .bytes(Array("KEY".utf8))))
        #expect(cluster.token == nil)
    }

    @Test func filesAreRelativeToTheKubeconfig() throws {
        let (cluster, folder) = try load("two")
        #expect(cluster.authorities == .file(folder + "/ca.pem") && !cluster.isVerified)
        #expect(cluster.certificate == .init(chain: .file(folder + "/sub/c.pem"), key: .file("/abs/k.pem")))
        #expect(cluster.token == .file(folder + "/token"))
    }

    @Test func tokensAndPluginsAreRead() throws {
        #expect(try load("three").0.token == .text("abc"))
        let (cluster, folder) = try load("exec")
        guard case .plugin(let plugin)? = cluster.token else {
            Issue.record("no plugin")
            return
        }
        #expect(plugin.command == folder + "/./get-token" && plugin.arguments == ["--now", "1"])
        #expect(plugin.environment == ["A": "b"] && plugin.providesClusterInfo)
        let told = try JSONReader.node(Array(plugin.information(of: cluster, authorities: Array("CA".utf8)).utf8))
        #expect(told["apiVersion"] == "client.authentication.k8s.io/v1" && told["kind"] == "ExecCredential")
        #expect(told["spec"]?["interactive"] == false)
        #expect(told["spec"]?["cluster"]?["server"] == "https://10.0.0.1:6443")
        #expect(told["spec"]?["cluster"]?["certificate-authority-data"] == "Q0E=")
    }

    @Test(arguments: [
        ("proxied", "proxy-url"), ("basic", "username is not supported"), ("as", "as is not supported"),
        ("nowhere", "has no cluster \"none\""), ("missing", "has no context \"missing\""),
    ])
    func whatCannotBeDoneIsSaid(context: String, words: String) {
        #expect(error { _ = try load(context) }.contains(words))
    }

    @Test func aPluginOfAnotherVersionIsRefused() {
        let text = Self.kubeconfig.replacingOccurrences(of: "k8s.io/v1\n", with: "k8s.io/v1alpha1\n")
        #expect(error { _ = try load("exec", text) }.contains("must be client.authentication.k8s.io/v1 or"))
    }

    @Test func severalFilesAreLaidOverEachOther() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n")
        try folder.write(
            "b",
            "current-context: y\nclusters: [{name: c, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {token: t}}]\n"
        )
        let environment = ["KUBECONFIG": "\(folder.path)/missing:\(folder.path)/a:\(folder.path)/b"]
        let cluster = try ClusterConfiguration.detected(environment: environment)
        #expect(cluster.server.host == "h" && cluster.token == .text("t"))
    }

    @Test func nothingAtAllIsSaidWithWhatWouldHelp() throws {
        let folder = try TemporaryFolder()
        #expect(
            error { _ = try ClusterConfiguration.detected(environment: ["HOME": folder.path]) }.contains(
                "no API server is known"))
        #expect(error { _ = try ClusterConfiguration.kubeconfig(folder.path + "/none") }.contains("does not exist"))
        try folder.write("bad", "a: [")
        #expect(error { _ = try ClusterConfiguration.kubeconfig(folder.path + "/bad") }.contains("is no kubeconfig"))
        try folder.write("list", "[1]")
        #expect(error { _ = try ClusterConfiguration.kubeconfig(folder.path + "/list") }.contains("must be a mapping"))
    }
}
