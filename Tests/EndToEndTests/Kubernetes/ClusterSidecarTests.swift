import APIServer
import GatewayAPI
import Testing

/// Sidecars that live on what an API server says, in network namespaces with real redirection.
@Suite struct ClusterSidecarTests {
    /// A mesh with an API server on its bridge.
    private final class Cluster {
        let mesh: Mesh
        let api: APIServer

        init() throws {
            mesh = try Mesh()
            // A socket stays in the namespace where it was made.
            api = try mesh.hub.inside { try APIServer(address: Mesh.hubAddress) }
            try mesh.folder.write("kubeconfig", api.kubeconfig())
        }

        func stop() {
            mesh.stop()
            api.stop()
        }

        func pod(_ name: String, number: Int, isMeshed: Bool = true) throws -> Pod {
            try api.put(
                yaml: """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: \(name), namespace: shop, labels: {app: \(name)}}
                    spec: {containers: [{name: app, image: app}]}
                    status: {phase: Running, podIP: 10.77.0.\(number), podIPs: [{ip: 10.77.0.\(number)}]}
                    """)
            return try mesh.pod(
                name, number: number, isMeshed: isMeshed,
                source: ["--kubernetes", "--kubeconfig", mesh.folder.path + "/kubeconfig"],
                flags: Mesh.patientDiscovery)
        }

        /// A Service whose endpoint is a pod's port 8080.
        func service(_ name: String, clusterIP: String, pod number: Int) throws {
            try api.put(
                yaml: """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: \(name), namespace: shop}
                    spec:
                      clusterIP: \(clusterIP)
                      clusterIPs: [\(clusterIP)]
                      selector: {app: \(name)}
                      ports: [{name: main, port: 80, targetPort: 8080, appProtocol: http}]
                    ---
                    \(Manifest.slice("\(name)-1", of: name, host: "10.77.0.\(number)", port: 8080))
                    """)
        }

        /// The requests so far that read the endpoints of this Service, or of any.
        func endpointReads(of service: String? = nil) -> [LoggedRequest] {
            api.requests.filter { request in
                request.path.contains("/endpointslices")
                    && service.map { request.query.contains("service-name=\($0)") } ?? true
            }
        }
    }

    private func address(_ number: Int) -> String { "10.96.1.\(number)" }

    @Test func endpointsAreReadForWhatIsCalledAndNothingElse() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        for number in 1...20 { try cluster.service("service-\(number)", clusterIP: address(number), pod: 10) }
        let server = try cluster.pod("server", number: 10, isMeshed: false)
        _ = try server.serve(port: 8080, TestBackend.answers("ok"))
        let caller = try cluster.pod("caller", number: 11)
        for number in 1...20 { #expect(cluster.endpointReads(of: "service-\(number)").isEmpty) }
        let first = try caller.get("/", from: address(7), port: 80, authority: "service-7")
        #expect(first.text == "ok", "the first request waits for the endpoints and gets its answer")
        #expect(try caller.get("/", from: address(7), port: 80, authority: "service-7").text == "ok")
        try eventually("it is followed") { cluster.endpointReads(of: "service-7").count { $0.isWatch } == 1 }
        for number in 1...20 where number != 7 {
            #expect(cluster.endpointReads(of: "service-\(number)").isEmpty)
        }
        #expect(cluster.endpointReads().allSatisfy { $0.query.contains("labelSelector") }, "never all of them")
    }

    @Test func theFirstRequestsWaitForASlowServer() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.service("cart", clusterIP: address(1), pod: 10)
        let server = try cluster.pod("server", number: 10, isMeshed: false)
        _ = try server.serve(port: 8080, TestBackend.answers("ok"))
        let caller = try cluster.pod("caller", number: 11)
        cluster.api.inject(Fault(.delay(700), on: "/endpointslices", count: 1))
        let start = Clock.now()
        let streams = try (0..<8).map { _ in try caller.connect(address(1), port: 80) }
        for stream in streams { try stream.send("GET / HTTP/1.1\r\nHost: cart\r\n\r\n") }
        for stream in streams { #expect(try stream.readResponse(to: "GET").text == "ok") }
        #expect(Clock.now() - start >= 600)
        try eventually("it is followed") { cluster.endpointReads(of: "cart").contains { $0.isWatch } }
        #expect(cluster.endpointReads(of: "cart").count { $0.isWatch } == 1, "once for all of them")
    }

    @Test func aServiceThatIsNewIsCalledAtOnce() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        let server = try cluster.pod("server", number: 10, isMeshed: false)
        _ = try server.serve(port: 8080, TestBackend.answers("ok"))
        let caller = try cluster.pod("caller", number: 11)
        try cluster.service("late", clusterIP: address(1), pod: 10)
        try cluster.api.put(
            yaml: Manifest.route(
                "late", parent: "{group: \"\", kind: Service, name: late}",
                "- matches: [{path: {type: PathPrefix, value: /open}}]\n  backendRefs: [{name: late, port: 80}]"))
        try eventually("the route is applied") {
            // Until the address is known, the connection goes where nobody answers, or is refused.
            guard let stream = try? caller.connect(address(1), port: 80),
                (try? stream.send("GET /closed HTTP/1.1\r\nHost: late\r\n\r\n")) != nil,
                stream.isReadable(within: 100), let answer = try? stream.readResponse(to: "GET")
            else { return false }
            return answer.status == 404 && answer["server"] == "weir"
        }
        #expect(try caller.get("/open", from: address(1), port: 80, authority: "late").text == "ok")
    }

    @Test func endpointsFollowTheirSlices() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.service("cart", clusterIP: address(1), pod: 10)
        let first = try cluster.pod("first", number: 10, isMeshed: false)
        let second = try cluster.pod("second", number: 12, isMeshed: false)
        _ = try first.serve(port: 8080, TestBackend.answers("first"))
        _ = try second.serve(port: 8080, TestBackend.answers("second"))
        let caller = try cluster.pod("caller", number: 11)
        func text() throws -> String { try caller.get("/", from: address(1), port: 80, authority: "cart").text }
        #expect(try text() == "first")
        try cluster.api.put(yaml: Manifest.slice("cart-1", of: "cart", host: "10.77.0.12", port: 8080))
        try eventually("the new endpoint is called") { try text() == "second" }
        try cluster.mesh.hub.inside { [api = cluster.api] in try api.goDown() }
        #expect(try text() == "second")
        try cluster.api.put(yaml: Manifest.slice("cart-1", of: "cart", host: "10.77.0.10", port: 8080))
        try cluster.api.comeUp()
        try eventually("what changed meanwhile is known") { try text() == "first" }
    }

    @Test func aPodKnowsItsOwnServicesByItsLabels() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.service("server", clusterIP: address(1), pod: 10)
        try cluster.api.put(
            yaml: Manifest.route(
                "server", parent: "{group: \"\", kind: Service, name: server}",
                "- matches: [{path: {type: PathPrefix, value: /open}}]\n  backendRefs: [{name: server, port: 80}]"))
        let server = try cluster.pod("server", number: 10)
        let backend = try server.serve(port: 8080, TestBackend.answers("ok"))
        let stranger = try cluster.pod("stranger", number: 12, isMeshed: false)
        try eventually("its routes protect it") {
            try stranger.get("/closed", from: "10.77.0.10", port: 8080, authority: "server.shop").status == 404
        }
        #expect(try stranger.get("/open", from: "10.77.0.10", port: 8080, authority: "server.shop").status == 200)
        #expect(!backend.allReceived.contains("/closed"))
    }
}
