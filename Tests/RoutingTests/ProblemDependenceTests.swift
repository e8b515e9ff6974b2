import GatewayAPI
import Routing
import Testing

/// Of what kinds more would have to be known before a problem is certain.
@Suite struct ProblemDependenceTests {
    private static let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"

    private static func problems(_ texts: String...) throws -> [Problem] {
        let resources = try PlanFixture.resources(texts.joined(separator: "\n---\n"))
        return RoutePlanner.plan(resources: resources, scope: .cluster).problems
    }

    /// The only problem with that in its text.
    private static func dependence(_ fragment: String, _ problems: [Problem]) throws -> ResourceKinds {
        let found = problems.filter { $0.oneLine.contains(fragment) }
        try #require(found.count == 1, "\(fragment): \(problems.map(\.oneLine))")
        return found[0].dependsOn
    }

    private static func gateway(_ listeners: [String]) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web, namespace: infra}
        spec:
          gatewayClassName: weir
          listeners:
        """ + listeners.map { "\n    - {\($0)}" }.joined()
    }

    private static func listener(_ namespaces: String, port: Int = 80, hostname: String = "") -> String {
        let host = hostname.isEmpty ? "" : "hostname: \(hostname), "
        return "name: p\(port), port: \(port), protocol: HTTP, \(host)allowedRoutes: {namespaces: {\(namespaces)}}"
    }

    /// What the refusal of a route of namespace shop, for a.example, depends on.
    private static func refusal(_ listeners: String...) throws -> ResourceKinds {
        let attached = """
            \(route)metadata: {name: r, namespace: shop}
            spec:
              hostnames: [a.example]
              parentRefs: [{name: web, namespace: infra}]
              rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example}}]}]
            """
        return try dependence("HTTPRoute shop/r: spec.parentRefs[0]", problems(gateway(listeners), attached))
    }

    private static func selector(_ labels: String) -> String {
        "from: Selector, selector: {matchLabels: {\(labels)}}"
    }

    @Test func allowedRoutesDependOnNamespacesWhereLabelsDecide() throws {
        #expect(try Self.refusal(Self.listener("from: Same")) == [])
        #expect(try Self.refusal(Self.listener("from: None")) == [])
        #expect(try Self.refusal(Self.listener(Self.selector("team: a"))) == .namespace)
        #expect(
            try Self.refusal(Self.listener("from: Same"), Self.listener(Self.selector("team: a"), port: 81))
                == .namespace)
    }

    @Test func aNamespacesNameIsKnownWithoutIt() throws {
        let name = "kubernetes.io/metadata.name"
        #expect(try Self.refusal(Self.listener(Self.selector("\(name): other"))) == [])
        #expect(try Self.refusal(Self.listener(Self.selector("\(name): other, team: a"))) == [])
        #expect(try Self.refusal(Self.listener(Self.selector("\(name): shop, team: a"))) == .namespace)
    }

    @Test func hostnamesThatMeetNoListenerAreCertainUnlessAnotherListenerMayTakeThem() throws {
        let all = Self.listener("from: All", hostname: "b.example")
        let some = Self.selector("team: a")
        #expect(try Self.refusal(all) == [])
        #expect(try Self.refusal(all, Self.listener(some, port: 81, hostname: "a.example")) == .namespace)
        #expect(try Self.refusal(all, Self.listener(some, port: 81, hostname: "c.example")) == [])
        #expect(try Self.refusal(Self.listener(some, hostname: "c.example")) == [], "labels would not help it")
    }

    @Test(
        arguments: [
            ("{name: missing, port: 80}", "Service shop/missing does not exist", .service),
            ("{name: cart, port: 81}", "has no TCP port 81", []),
            ("{group: gateway.kgateway.dev, kind: Backend, name: b}", "Backend shop/b does not exist", .backend),
            (
                "{group: gateway.kgateway.dev, kind: Backend, name: b, namespace: far}", "no ReferenceGrant in far",
                .referenceGrant
            ),
            ("{group: x.example, kind: Thing, name: b}", "is no backend", []),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: gone}",
                "gone does not exist; it adds no rules",
                .httpRoute
            ),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: gone}", "delegation: HTTPRoute shop/gone",
                .httpRoute
            ),
            (
                "{group: delegation.kgateway.dev, kind: label, name: gone}", "no HTTPRoute has label",
                .httpRoute
            ),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}",
                "cyclic reference detected: shop/r -> shop/r; it", []
            ),
        ] as [(String, String, ResourceKinds)])
    func aReferenceDependsOnWhatItLeadsTo(_ reference: String, _ fragment: String, _ expected: ResourceKinds) throws {
        let problems = try Self.problems(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop}
            spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
            ---
            \(Self.route)metadata: {name: r, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules: [{backendRefs: [\(reference)]}]
            """)
        let found = problems.filter { $0.oneLine.contains(fragment) }
        #expect(!found.isEmpty, "\(problems.map(\.oneLine))")
        for problem in found { #expect(problem.dependsOn == expected, "\(problem.oneLine)") }
    }

    @Test(
        arguments: [
            ("{name: web}", "Gateway shop/web does not exist", .gateway),
            ("{group: \"\", kind: Service, name: gone}", "Service shop/gone does not exist", .service),
            ("{group: \"\", kind: Service, name: cart, port: 81}", "no such TCP port", []),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: gone}", "HTTPRoute shop/gone does not exist",
                .httpRoute
            ),
            ("{group: gateway.networking.k8s.io, kind: HTTPRoute, name: served}", "served does not delegate here", []),
            ("{group: gateway.networking.k8s.io, kind: HTTPRoute, name: orphan}", "orphan does not delegate here", []),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: willing}",
                "no rule of HTTPRoute shop/willing that delegates here", [.httpRoute, .gateway, .gatewayClass]
            ),
            (
                "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: broken}",
                "no rule of HTTPRoute shop/broken that delegates here", []
            ),
            ("{group: x.example, kind: Thing, name: b}", "no parent that is known here", []),
        ] as [(String, String, ResourceKinds)])
    func aParentDependsOnItselfAndOnWhatServesIt(_ parent: String, _ fragment: String, _ expected: ResourceKinds) throws
    {
        let problems = try Self.problems(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop}
            spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
            ---
            \(Self.route)metadata: {name: served, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules: [{backendRefs: [{name: cart, port: 80}]}]
            ---
            \(Self.route)metadata: {name: orphan, namespace: shop}
            spec: {rules: [{backendRefs: [{name: cart, port: 80}]}]}
            ---
            \(Self.route)metadata: {name: willing, namespace: shop}
            spec:
              parentRefs: [{name: elsewhere}]
              rules: [{backendRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}]}]
            ---
            \(Self.route)metadata: {name: broken, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules:
              - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: cart, port: 80}}}]
                backendRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}]
            ---
            \(Self.route)metadata: {name: r, namespace: shop}
            spec:
              parentRefs: [\(parent)]
              rules: [{backendRefs: [{name: cart, port: 80}]}]
            """)
        #expect(try Self.dependence(fragment, problems) == expected)
        #expect(
            try Self.dependence("no parent delegates to it", problems) == [.httpRoute, .gateway, .gatewayClass])
    }

    @Test func aListenerDependsOnWhatItsCertificatesDependOn() throws {
        let listener = "name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: "
        let problems = try Self.problems(
            Self.gateway(["\(listener)[{name: a}, {name: b, namespace: far}, {kind: ConfigMap, name: c}]}"]))
        #expect(try Self.dependence("Secret infra/a does not exist", problems) == .secret)
        #expect(try Self.dependence("no ReferenceGrant in far", problems) == .referenceGrant)
        #expect(try Self.dependence("holds no certificate", problems) == [])
        #expect(try Self.dependence("no usable certificate", problems) == [.secret, .referenceGrant])
    }

    @Test func aForeignGatewayDependsOnItsClass() throws {
        let gateway = Self.gateway([Self.listener("from: All")]).replacing("Name: weir", with: "Name: other")
        #expect(try Self.dependence("no such GatewayClass", Self.problems(gateway)) == .gatewayClass)
    }

    /// A slip leaves the Gateway unserved; another's class is another's.
    @Test(arguments: [("wier", Problem.Severity.error), ("Weir", .error), ("other", .warning)])
    func aClassThatIsNearlyOursIsAnError(_ name: String, _ severity: Problem.Severity) throws {
        let gateway = Self.gateway([Self.listener("from: All")]).replacing("Name: weir", with: "Name: \(name)")
        #expect(try Self.problems(gateway).filter { $0.id == .notOurs }.map(\.severity) == [severity])
    }
}
