import Glibc
import Testing

/// Sidecars that read from a controller instead of an API server; the controller serves a folder, as for machines
/// outside of a cluster.
@Suite struct FanOutTests {
    private static let cart = "10.96.0.10"
    private static let port = 15012

    private static func service(_ endpoint: String) -> String {
        Manifest.service("cart", clusterIP: cart, appProtocol: "http", host: endpoint, endpoints: [8080])
    }

    private static func route(_ path: String) -> String {
        Manifest.route(
            "cart", parent: "{group: \"\", kind: Service, name: cart}",
            "- matches: [{path: {type: PathPrefix, value: \(path)}}]\n  backendRefs: [{name: cart, port: 80}]")
    }

    private func controller(_ mesh: Mesh) throws -> ChildProcess {
        let process = try ChildProcess(
            [
                "ip", "netns", "exec", mesh.hub.name, WeirBinary.path(), "controller", "--allow-anonymous",
                "--manifests", mesh.folder.path + "/manifests", "--serve", "\(Mesh.hubAddress):\(Self.port)",
                "--telemetry", "127.0.0.1:15020",
            ], folder: mesh.folder.path, name: "controller")
        try eventually("the controller serves: \(process.standardError)") {
            (try? mesh.hub.inside { try TCPStream(Mesh.hubAddress, port: Self.port).get("/version").status }) == 200
        }
        return process
    }

    @Test func sidecarsFollowAFolderThroughTheController() throws {
        let mesh = try Mesh(Self.service("10.77.0.10"), Self.route("/open"))
        defer { mesh.stop() }
        let controller = try controller(mesh)
        defer { controller.end() }
        let via = ["--kubernetes-via", "http://\(Mesh.hubAddress):\(Self.port)"]
        let first = try mesh.pod("first", number: 10, isMeshed: false)
        let second = try mesh.pod("second", number: 12, isMeshed: false)
        _ = try first.serve(port: 8080, TestBackend.answers("first"))
        _ = try second.serve(port: 8080, TestBackend.answers("second"))
        let caller = try mesh.pod("caller", number: 11, isMeshed: true, source: via, flags: Mesh.patientDiscovery)
        func get(_ path: String) throws -> Message { try caller.get(path, from: Self.cart, port: 80) }
        #expect(try get("/open").text == "first", "the first request waits for the endpoints")
        #expect(try get("/closed").status == 404)
        try mesh.folder.write(
            "manifests/main.yaml", Manifest.list([Self.service("10.77.0.12"), Self.route("/closed")]))
        try eventually("the endpoint's change is live") { try get("/closed").text == "second" }
        #expect(try get("/open").status == 404)
    }

    @Test func trafficGoesOnWithoutTheController() throws {
        let mesh = try Mesh(Self.service("10.77.0.10"), Self.route("/open"))
        defer { mesh.stop() }
        let controller = try controller(mesh)
        let server = try mesh.pod("server", number: 10, isMeshed: false)
        _ = try server.serve(port: 8080, TestBackend.answers("ok"))
        let caller = try mesh.pod(
            "caller", number: 11, isMeshed: true,
            source: ["--kubernetes-via", "http://\(Mesh.hubAddress):\(Self.port)"], flags: Mesh.patientDiscovery)
        func get(_ path: String) throws -> Message { try caller.get(path, from: Self.cart, port: 80) }
        #expect(try get("/open").text == "ok")
        controller.end()
        for _ in 0..<20 { #expect(try get("/open").text == "ok") }
        try mesh.folder.write("manifests/main.yaml", Manifest.list([Self.service("10.77.0.10"), Self.route("/later")]))
        // A controller that is new knows nothing of what the one before has told.
        let next = try self.controller(mesh)
        defer { next.end() }
        try eventually("what changed meanwhile is known") { try get("/later").text == "ok" }
        #expect(try get("/open").status == 404)
    }
}
