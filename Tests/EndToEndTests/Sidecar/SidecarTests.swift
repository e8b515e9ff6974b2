import Glibc
import Synchronization
import Testing

/// Sidecars in network namespaces with real redirection: who applies which routes, and what passes untouched.
@Suite struct SidecarTests {
    static let cart = "10.96.0.10"
    static let cart6 = "fd96::10"
    static let server = 10

    /// The Service `shop/cart`, served by the pod 10.77.0.10, with a route that marks what it has let through.
    static let manifests = Manifest.list([
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec:
          clusterIP: \(cart)
          clusterIPs: [\(cart), "\(cart6)"]
          ports: [{name: main, port: 80, appProtocol: http}]

        """,
        Manifest.slice("cart-4", of: "cart", host: "10.77.0.10", port: 8080),
        Manifest.slice("cart-6", of: "cart", host: "fd77::10", port: 8080),
        Manifest.route(
            "cart", parent: "{group: \"\", kind: Service, name: cart}",
            """
            - matches: [{path: {type: PathPrefix, value: /open}}]
              filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: X-Route, value: producer}]}}]
              backendRefs: [{name: cart, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /slow}}]
              timeouts: {request: 300ms}
              backendRefs: [{name: cart, port: 80}]
            """),
    ])

    /// Answers with what it was asked, `/slow` never.
    static let application: TestBackend.Script = { stream, _ in
        while let request = try stream.readRequest() {
            if request.target.hasPrefix("/slow") {
                _ = try stream.receive(within: forever)
                return
            }
            let text = ([request.startLine] + request.fields.map { "\($0.name): \($0.value)" }).joined(separator: "\n")
            try stream.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
    }

    private func routeMarks(_ response: Message) -> Int {
        response.text.split(separator: "\n").count { $0.lowercased().hasPrefix("x-route:") }
    }

    @Test(arguments: [cart, cart6])
    func aMeshedCallersRequestToAServiceIsRoutedOnce(clusterIP: String) throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let caller = try mesh.pod("caller", namespace: "clients", number: 11, isMeshed: true)
        let application = try server.serve(port: 8080, SidecarTests.application)
        let open = try caller.get("/open/1", from: clusterIP, port: 80)
        #expect(open.status == 200)
        #expect(routeMarks(open) == 1, "applied once: \(open.text)")
        #expect(!open.text.lowercased().contains("weir-routed"), "the application sees nothing of it")
        let missing = try caller.get("/nothing", from: clusterIP, port: 80)
        #expect(missing.status == 404)
        #expect(missing["server"] == "weir")
        let start = Clock.now()
        #expect(try caller.get("/slow", from: clusterIP, port: 80).status == 504)
        #expect(Clock.now() - start >= 250)
        #expect(!application.allReceived.contains("/nothing"))
        try eventually("the requests are counted") {
            try caller.metrics().sum("weir_requests_total", "door=\"outbound\"") == 3
        }
        try eventually("the requests are counted") {
            try server.metrics().sum("weir_requests_total", "door=\"inbound\"", "flag=\"no_route\"") == 0
        }
    }

    @Test(arguments: ["10.77.0.10", "fd77::10"])
    func anUnmeshedCallersRequestToThePodIsProtectedByItsRoutes(address: String) throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        let application = try server.serve(port: 8080, SidecarTests.application)
        for authority in ["cart.shop", "cart", "cart.shop.svc.cluster.local:80", "anything.else"] {
            let open = try stranger.get("/open", from: address, port: 8080, authority: authority)
            #expect(open.status == 200)
            #expect(routeMarks(open) == 1)
            #expect(!open.text.lowercased().contains("weir-routed"))
            #expect(try stranger.get("/nothing", from: address, port: 8080, authority: authority).status == 404)
        }
        let own = address.contains(":") ? "[\(address)]:8080" : "\(address):8080"
        #expect(try stranger.get("/nothing", from: address, port: 8080, authority: own).status == 404)
        let probe = try stranger.get(
            "/healthy", from: address, port: 8080, authority: own, "User-Agent: kube-probe/1.33")
        #expect(probe.status == 200, "the kubelet's probes are never routed")
        let start = Clock.now()
        #expect(try stranger.get("/slow", from: address, port: 8080).status == 504)
        #expect(Clock.now() - start >= 250)
        #expect(!application.allReceived.contains("/nothing"))
    }

    @Test func theRoutedFieldIsBelievedOnlyInTheShapesThatAreWritten() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 8080, SidecarTests.application)
        func status(_ value: String) throws -> Int {
            let response = try stranger.get("/nothing", from: server.address, port: 8080, "weir-routed: \(value)")
            #expect(!response.text.lowercased().contains("weir-routed:"))
            return response.status
        }
        #expect(try status("mesh -") == 200)
        #expect(try status("mesh shop/cart:80 shop/cart") == 200)
        #expect(try status("mesh shop/other:80 shop/other") == 200, "a backend's own routes are not chained")
        #expect(try status("nonsense") == 404)
        #expect(try status("mesh") == 404)
    }

    @Test func aMeshedCallerThatDialsThePodGetsNoRoutes() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        _ = try server.serve(port: 8080, SidecarTests.application)
        let response = try caller.get("/nothing", from: server.address, port: 8080)
        #expect(response.status == 200)
        #expect(routeMarks(response) == 0)
        #expect(!response.text.lowercased().contains("weir-routed"))
    }

    @Test func consumerRoutesReplaceTheProducersForTheirNamespaceAlone() throws {
        let consumer = Manifest.route(
            "mine", namespace: "clients", parent: "{group: \"\", kind: Service, name: cart, namespace: shop}",
            """
            - matches: [{path: {type: PathPrefix, value: /consumer}}]
              filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: X-Route, value: consumer}]}}]
              backendRefs: [{name: cart, namespace: shop, port: 80}]
            """)
        let mesh = try Mesh(SidecarTests.manifests, consumer)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let client = try mesh.pod("client", namespace: "clients", number: 11, isMeshed: true)
        let neighbour = try mesh.pod("neighbour", number: 12, isMeshed: true)
        _ = try server.serve(port: 8080, SidecarTests.application)
        let mine = try client.get("/consumer", from: SidecarTests.cart, port: 80)
        #expect(mine.status == 200)
        #expect(mine.text.contains("X-Route: consumer"))
        #expect(routeMarks(mine) == 1)
        #expect(
            try client.get("/open", from: SidecarTests.cart, port: 80).status == 404, "no fall back to the producer's")
        #expect(try neighbour.get("/open", from: SidecarTests.cart, port: 80).text.contains("X-Route: producer"))
        #expect(try neighbour.get("/consumer", from: SidecarTests.cart, port: 80).status == 404)
    }

    @Test func theApplicationsCallToItsOwnServiceIsRouted() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        _ = try server.serve(port: 8080, SidecarTests.application)
        #expect(try server.get("/open", from: SidecarTests.cart, port: 80).status == 200)
        #expect(try server.get("/nothing", from: SidecarTests.cart, port: 80).status == 404)
        #expect(try server.get("/nothing", from: server.address, port: 8080).status == 200, "itself by its own address")
        #expect(try server.get("/nothing", from: "127.0.0.1", port: 8080).status == 200, "itself by loopback")
    }

    @Test func aServiceWithoutRoutesIsForwardedPlainly() throws {
        let mesh = try Mesh(
            Manifest.service(
                "free", clusterIP: "10.96.0.11", appProtocol: "http", host: "10.77.0.10", endpoints: [8081]))
        defer { mesh.stop() }
        let server = try mesh.pod("free", number: SidecarTests.server, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 8081, SidecarTests.application)
        #expect(try caller.get("/any", from: "10.96.0.11", port: 80).text.hasPrefix("GET /any "))
        #expect(try stranger.get("/any", from: server.address, port: 8081).text.hasPrefix("GET /any "))
    }

    /// A Service that is deleted and made again has another address, which a client learns when it dials again.
    @Test func aConnectionWhoseAddressNobodyHasAnyMoreEndsWithItsAnswer() throws {
        let mesh = try Mesh()
        defer { mesh.stop() }
        try mesh.folder.write(
            "manifests/free.yaml",
            Manifest.service(
                "free", clusterIP: "10.96.0.11", appProtocol: "http", host: "10.77.0.10", endpoints: [8081]))
        let server = try mesh.pod("free", number: SidecarTests.server, isMeshed: false)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true, flags: ["--connect-timeout", "200ms"])
        _ = try server.serve(port: 8081, SidecarTests.application)
        let kept = try caller.connect("10.96.0.11", port: 80)
        #expect(try kept.get("/").status == 200)
        try mesh.folder.write("manifests/free.yaml", "# nothing is left")
        var last = try kept.get("/")
        try eventually("the address leads nowhere") {
            if last.status == 200 { last = try kept.get("/") }
            return last.status != 200
        }
        #expect(last.status == 503 && last.closes)
        #expect(try kept.readToEnd().bytes.isEmpty)
    }

    @Test func aWorkloadThatDoesNotListenCostsItsCallersNoConnection() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        let kept = try stranger.connect(server.address, port: 8080)
        for _ in 0..<2 {
            let answer = try kept.exchange("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n")
            #expect(answer.status == 503 && !answer.closes)
        }
        _ = try server.serve(port: 8080, SidecarTests.application)
        #expect(try kept.exchange("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n").status == 200)
    }

    @Test func routesChangeInARunningSidecar() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 8080, SidecarTests.application)
        #expect(try stranger.get("/late", from: server.address, port: 8080).status == 404)
        try mesh.folder.write(
            "manifests/late.yaml",
            Manifest.route(
                "late", parent: "{group: \"\", kind: Service, name: cart}",
                "- matches: [{path: {value: /late}}]\n  backendRefs: [{name: cart, port: 80}]"))
        try eventually("the new route is live") {
            try stranger.get("/late", from: server.address, port: 8080).status == 200
        }
    }

    @Test func anEndpointThatDoesNotAnswerItsConnectionIsGivenUpAfterTheConnectTimeout() throws {
        let mesh = try Mesh(
            Manifest.service("far", clusterIP: "10.96.0.14", appProtocol: "http", host: "10.77.0.12", endpoints: [8080])
        )
        defer { mesh.stop() }
        let far = try mesh.pod("far", number: 12, isMeshed: false)
        try NetworkNamespace.tool("ip netns exec \(far.network.name) iptables -A INPUT -p tcp --dport 8080 -j DROP")
        let caller = try mesh.pod("caller", number: 11, isMeshed: true, flags: ["--connect-timeout", "200ms"])
        #expect(try caller.get("/", from: "10.96.0.14", port: 80).status == 503)
        #expect(try caller.metrics().sum("weir_upstream_connect_timeouts_total") >= 1)
    }

    @Test func outboundStaysOpenWhileTheSidecarDrains() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true, flags: ["--drain-timeout", "1h"])
        let mayAnswer = Mutex(false)
        _ = try server.serve(port: 8080) { stream, _ in
            while let request = try stream.readRequest() {
                if request["x-wait"] != nil { try eventually("it may answer") { mayAnswer.withLock { $0 } } }
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
            }
        }
        let busy = try caller.connect(SidecarTests.cart, port: 80)
        try busy.send("GET /open HTTP/1.1\r\nHost: cart\r\nX-Wait: 1\r\n\r\n")
        try eventually("the request is in flight") { try caller.metrics().sum("weir_requests_active") == 1 }
        caller.sidecar?.signal(SIGTERM)
        try eventually("it drains") { try caller.health() == 503 }
        #expect(
            try caller.get("/open", from: SidecarTests.cart, port: 80).text == "done", "the application can still call")
        mayAnswer.withLock { $0 = true }
        #expect(try busy.readResponse().text == "done")
        #expect(try caller.sidecar?.wait() == 0)
    }

    @Test func aGatewaysRequestIsProtectedUnlessItsRouteIsTheServicesOwn() throws {
        let mesh = try Mesh(
            SidecarTests.manifests, Manifest.gateway(),
            Manifest.route(
                "edge",
                """
                - backendRefs: [{name: cart, port: 80}]
                """),
            Manifest.route(
                "both", parent: "{name: edge}, {group: \"\", kind: Service, name: cart}",
                """
                - matches: [{path: {type: PathPrefix, value: /both}}]
                  filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: X-Route, value: both}]}}]
                  backendRefs: [{name: cart, port: 80}]
                """))
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let edge = try mesh.pod("edge", number: 13, isMeshed: false)
        _ = try server.serve(port: 8080, SidecarTests.application)
        let gateway = try ChildProcess(
            [
                "ip", "netns", "exec", edge.network.name, WeirBinary.path(), "gateway", "--gateway", "shop/edge",
                "--manifests",
                mesh.folder.path + "/manifests", "--workers", "1",
            ], folder: mesh.folder.path, name: "gateway")
        defer { gateway.end() }
        try eventually("the gateway is ready") { try edge.health() == 200 }
        #expect(try edge.get("/nothing", from: "127.0.0.1", port: 80).status == 404, "the Service's routes protect it")
        let open = try edge.get("/open", from: "127.0.0.1", port: 80)
        #expect(open.status == 200)
        #expect(routeMarks(open) == 1)
        let both = try edge.get("/both", from: "127.0.0.1", port: 80)
        #expect(both.status == 200)
        #expect(routeMarks(both) == 1, "the very same route is not applied twice: \(both.text)")
    }

    @Test func theSidecarRunsAsItsUserWithoutCapabilities() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        let process = try #require(server.sidecar)
        #expect(process.procStatus("Uid").split(separator: "\t") == ["1337", "1337", "1337", "1337"])
        for set in ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"] {
            #expect(Int(process.procStatus(set), radix: 16) == 0, "\(set)")
        }
        #expect(process.procStatus("NoNewPrivs") == "1")
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        #expect(
            try stranger.get("/healthz/ready", from: server.address, port: 15020).status == 200, "past the redirection")
        #expect(
            try stranger.get("/snapshot", from: server.address, port: 15000).status == 503,
            "admin is for loopback alone")
    }
}
