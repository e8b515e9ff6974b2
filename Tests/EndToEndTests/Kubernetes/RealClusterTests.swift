import Foundation
import Glibc
import Testing

/// The cluster that KUBECONFIG names.
enum RealCluster {
    static let kubeconfig = ProcessInfo.processInfo.environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
}

/// A gateway on a real cluster, outside of it: needs KUBECONFIG, kubectl, the Gateway API's definitions there, and
/// rights to create a namespace, which is deleted again.
@Suite(.enabled(if: RealCluster.kubeconfig != nil)) struct RealClusterTests {
    private let namespace = "weir-test-\(UInt32.random(in: 0 ... .max))"

    private func kubectl(_ words: String...) throws {
        let outcome = try run(["kubectl"] + words)
        guard outcome.code == 0 else { throw Failure("kubectl \(words): \(outcome.errors)") }
    }

    private func apply(_ folder: TestFolder, _ objects: String...) throws {
        try folder.write("objects.yaml", Manifest.list(objects))
        try kubectl("apply", "-f", folder.path + "/objects.yaml")
    }

    /// An address of this machine that an EndpointSlice may hold: loopback addresses are refused.
    private func ownAddress() throws -> String {
        let outcome = try run(["hostname", "-I"])
        guard let address = outcome.output.split(separator: " ").first(where: { $0.contains(".") }) else {
            throw Failure("this machine has no address but loopback: \(outcome.output)")
        }
        return String(address).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func gateway(_ listeners: String = "- {name: web, protocol: HTTP, port: 80}") -> String {
        Manifest.gateway(listeners).replacing("shop", with: namespace)
    }

    private func route(_ path: String) -> String {
        Manifest.route(
            "web", namespace: namespace, parent: "{name: edge}",
            "- matches: [{path: {type: PathPrefix, value: \(path)}}]\n  backendRefs: [{name: app, port: 80}]")
    }

    @Test func routesAreServedAndFollowed() throws {
        let address = try ownAddress()
        let backend = try TestBackend(address, script: TestBackend.answers("ok"))
        defer { backend.close() }
        let folder = try TestFolder()
        try kubectl("create", "namespace", namespace)
        defer { _ = try? run(["kubectl", "delete", "namespace", namespace, "--wait=false"]) }
        try apply(
            folder, Manifest.gatewayClass, gateway(),
            Manifest.service("app", namespace: namespace, host: address, endpoints: [backend.port]), route("/first"))
        let source = ["--kubernetes", "--kubeconfig", RealCluster.kubeconfig ?? ""]
        let weir = try GatewayUnderTest(folder, source: source, gateway: "\(namespace)/edge")
        defer { weir.stop() }
        #expect(try weir.get("/first").text == "ok")
        #expect(try weir.get("/second").status == 404)
        try apply(folder, route("/second"))
        try eventually("the change is live") { try weir.get("/second").status == 200 }
        #expect(try weir.get("/first").status == 404)
        try kubectl("delete", "httproute", "-n", namespace, "web")
        try eventually("the route is gone") { try weir.get("/second").status == 404 }
    }
}
