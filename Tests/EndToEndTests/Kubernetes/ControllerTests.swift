import APIServer
import Foundation
import GatewayAPI
import Glibc
import TLS
import Testing

/// `weir controller` as a process.
@Suite struct ControllerTests {
    private static let workload = ObjectKey(namespace: "shop", name: "edge-weir")
    private static let lease = ObjectKey(namespace: "weir-system", name: "weir-controller")

    private func cluster() throws -> APIServer {
        let api = try APIServer()
        try api.put(yaml: Manifest.gatewayClass)
        try api.put(yaml: Manifest.gateway())
        try api.put(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: weir-system}}")
        return api
    }

    private func holder(_ api: APIServer) -> String? {
        api.get("leases", Self.lease)?["spec"]?["holderIdentity"]?.stringValue
    }

    @Test func oneOfTwoLeadsAndTheOtherTakesOver() throws {
        let api = try cluster()
        let first = try ControllerUnderTest(api, name: "one")
        defer { first.stop(); api.stop() }
        try first.waitUntilReady()
        try eventually("the gateway's workload") { api.get("deployments", Self.workload) != nil }
        try eventually("the first leads") { first.isLeader }
        #expect(holder(api) == "weir-controller-one")
        let second = try ControllerUnderTest(api, name: "two")
        defer { second.stop() }
        try second.waitUntilReady()
        #expect(!second.isLeader)
        first.process.signal(SIGTERM)
        // It says so as long as it is there, which on a busy machine is too short a time to see it.
        try eventually("the first is not ready any more") {
            (try? first.telemetry("/healthz/ready").status) == 503 || !first.process.isRunning
        }
        try eventually("the second leads") { second.isLeader }
        #expect(holder(api) == "weir-controller-two")
        #expect(try first.process.wait() == 0)
        api.delete("services", Self.workload)
        try eventually("the second repairs") { api.get("services", Self.workload) != nil }
    }

    @Test func itServesWhatItWatchesToThoseItKnows() throws {
        let api = try cluster()
        let controller = try ControllerUnderTest(api)
        defer { controller.stop(); api.stop() }
        try controller.waitUntilReady()
        // Whom to trust stands in the Secret that the controller has made.
        let secret = api.get("secrets", ObjectKey(namespace: "weir-system", name: "weir-certificates"))
        let authority = try #require(secret?["data"]?["ca.crt"]?.stringValue.flatMap { Data(base64Encoded: $0) })
        let stream = try TLSStream(
            port: controller.ports.first, name: "weir-controller.weir-system.svc",
            context: TLSClientContext(roots: .pem(Array(authority)), identity: nil))
        #expect(try stream.get("/apis/gateway.networking.k8s.io/v1/gateways").status == 401)
    }

    @Test func aFolderIsServedWithoutACluster() throws {
        let folder = try TestFolder()
        let ports = try Ports.block()
        try folder.makeFolder("manifests")
        try folder.write("manifests/main.yaml", Manifest.gateway())
        let flags = [
            "--manifests", folder.path + "/manifests", "--serve", "127.0.0.1:\(ports.first)", "--telemetry",
            "127.0.0.1:\(ports.telemetry)",
        ]
        let refused = try run([WeirBinary.path(), "controller"] + flags)
        #expect(refused.code == 2)
        #expect(refused.errors.contains("--allow-anonymous"))
        let process = try ChildProcess(
            [WeirBinary.path(), "controller", "--allow-anonymous"] + flags, folder: folder.path)
        defer { process.end(); folder.remove() }
        let path = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/edge"
        try eventually("the Gateway is served") {
            (try? TCPStream(port: ports.first).get(path))?.text.contains("\"name\":\"edge\"") ?? false
        }
    }

    @Test func wrongUsageIsSaid() throws {
        for (flags, word) in [
            ([String](), "--kubernetes or --manifests"), (["--manifests", "/tmp", "--kubernetes"], "--manifests"),
            (["--kubernetes", "--serve", "127.0.0.1:1"], "--serve"),
            (["--kubernetes", "--webhook", "nowhere"], "--webhook"),
            (["--kubernetes", "--namespace", "A"], "--namespace"),
        ] {
            let result = try run(
                [WeirBinary.path(), "controller"] + flags, environment: ["KUBECONFIG": "/dev/null/none"])
            #expect(result.code != 0 && result.errors.contains(word), "\(flags): \(result.errors)")
        }
    }
}
