import Testing

/// What a route of a kind that is not served is for is not left to others.
@Suite struct UnservedRouteTests {
    private static let calls = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: calls, namespace: shop}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [grpc.example.test]
          rules: [{backendRefs: [{name: app, port: 80}]}]

        """

    @Test func theHostnameOfAGRPCRouteAnswers500AndNoBroaderRoute() throws {
        let backend = try TestBackend(script: TestBackend.answers("broad"))
        let objects = [
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")),
        ]
        let gateway = try GatewayUnderTest(Manifest.list(objects + [Self.calls]))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/pay.Cards/Charge", host: "grpc.example.test").status == 500)
        #expect(backend.connections == 0)
        #expect(try gateway.get("/", host: "www.example.test").text == "broad")
        try gateway.folder.write("manifests/main.yaml", Manifest.list(objects))
        try eventually("the GRPCRoute is gone") {
            try gateway.get("/pay.Cards/Charge", host: "grpc.example.test").text == "broad"
        }
    }
}
