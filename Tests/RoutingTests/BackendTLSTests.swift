import GatewayAPI
import Routing
import Testing

/// What is to be called over TLS is never called in plaintext: TLS to backends is not served.
@Suite struct BackendTLSTests {
    private static let gateway = ObjectKey(namespace: "shop", name: "edge")
    private static let pod = ObjectKey(namespace: "shop", name: "web-1")
    private static let address = IPAddress(ipv4: 0x0a4d_010a)

    private static func objects(gatewayTLS: String = "null", parent: String = "{name: edge}") -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          gatewayClassName: weir
          listeners: [{name: web, port: 80, protocol: HTTP}]
          tls: \(gatewayTLS)
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: route, namespace: shop}
        spec:
          parentRefs: [\(parent)]
          rules:
          - backendRefs:
            - {name: web, port: 80}
            - {name: web, port: 81}
            - {name: other, port: 80}
            - {group: gateway.kgateway.dev, kind: Backend, name: out}
        ---
        \(service("web", "10.96.0.10"))
        \(service("other", "10.96.0.11"))
        apiVersion: gateway.kgateway.dev/v1alpha1
        kind: Backend
        metadata: {name: out, namespace: shop}
        spec: {type: Static, static: {hosts: [{host: 192.0.2.1, port: 80}]}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: one, port: 8080}]
        endpoints: [{addresses: [10.77.1.10]}]
        ---

        """
    }

    private static func service(_ name: String, _ address: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: shop}
        spec: {clusterIP: \(address), ports: [{name: one, port: 80}, {name: two, port: 81}]}
        ---
        """
    }

    private static func policy(_ spec: String, namespace: String = "shop", version: String = "v1") -> String {
        """
        apiVersion: gateway.networking.k8s.io/\(version)
        kind: BackendTLSPolicy
        metadata: {name: tls, namespace: \(namespace)}
        spec: \(spec)
        ---

        """
    }

    private static func targets(_ targets: String) -> String { "{targetRefs: [\(targets)]}" }

    private func plan(_ objects: String, _ policy: String = "", scope: PlanScope = .gateway(gateway)) throws
        -> RoutePlan
    {
        RoutePlanner.plan(resources: try PlanFixture.resources(objects, policy), scope: scope)
    }

    /// Which shares of the route's rule, as these matches lead to it, answer 500.
    private func refused(_ matches: [PlannedMatch]?, _ plan: RoutePlan) -> [Bool] {
        guard let rule = matches?.first?.rule, case .forward(let shares) = plan.rules[rule].action else { return [] }
        return shares.map { if case .invalid = $0.target { true } else { false } }
    }

    private func refused(_ plan: RoutePlan) -> [Bool] { refused(plan.listeners.first?.matches, plan) }

    @Test(arguments: [
        ("{group: \"\", kind: Service, name: web}", [true, true, false, false]),
        ("{group: \"\", kind: Service, name: web, sectionName: one}", [true, false, false, false]),
        ("{group: \"\", kind: Service, name: web, sectionName: two}", [false, true, false, false]),
        ("{group: gateway.kgateway.dev, kind: Backend, name: out}", [false, false, false, true]),
        (
            "{group: \"\", kind: Service, name: web}, {group: \"\", kind: Service, name: other}",
            [true, true, true, false]
        ),
        ("{group: \"\", kind: Service, name: nobody}", [false, false, false, false]),
        ("{group: apps, kind: Deployment, name: web}", [false, false, false, false]),
    ])
    func aBackendThatIsToBeCalledOverTLSAnswers500(_ targets: String, _ expected: [Bool]) throws {
        let plan = try plan(Self.objects(), Self.policy(Self.targets(targets)))
        #expect(refused(plan) == expected)
        let told = plan.problems.filter { $0.object == "HTTPRoute shop/route" }
        #expect(told.count == expected.count { $0 })
        #expect(told.allSatisfy { $0.message.contains("BackendTLSPolicy shop/tls asks for TLS") })
    }

    /// What it asks for counts, however little of it can be read.
    @Test(arguments: [
        "{targetRefs: [{group: \"\", kind: Service, name: web, sectionName: renamed}]}",
        "{targetRefs: [{name: web}]}", "{targetRefs: {group: \"\", kind: Service, name: web}}", "{targetRefs: [web]}",
        "{targetRef: {group: \"\", kind: Service, name: web}}", "{targetRefs: [{kind: [Service], name: web}]}",
        "{targetRefs: [{group: \"\", kind: Service, name: other, name: web}], validation: 7}",
        "{targetRefs: [{group: \"\", kind: Service, name: [web]}]}", "{targetRefs: [], targetRefs: [{name: web}]}",
        "anything",
    ])
    func aPolicyThatIsNotAsItShouldBeIsNoLessInForce(_ spec: String) throws {
        #expect(refused(try plan(Self.objects(), Self.policy(spec))).prefix(2) == [true, true])
    }

    @Test(arguments: ["v1", "v1alpha3", "v9"]) func everyVersionCounts(_ version: String) throws {
        let policy = Self.policy(Self.targets("{group: \"\", kind: Service, name: web}"), version: version)
        #expect(refused(try plan(Self.objects(), policy)) == [true, true, false, false])
    }

    @Test func aPolicyOfAnotherNamespaceChangesNothing() throws {
        let policy = Self.policy(Self.targets("{group: \"\", kind: Service, name: web}"), namespace: "far")
        #expect(refused(try plan(Self.objects(), policy)) == [false, false, false, false])
    }

    @Test func theRouteAndThePolicySayWhy() throws {
        let policy = Self.policy(Self.targets("{group: \"\", kind: Service, name: web, sectionName: one}"))
        let plan = try plan(Self.objects(), policy, scope: .cluster)
        let conditions = plan.statuses.httpRoutes[ObjectKey(namespace: "shop", name: "route")]?.first?.conditions ?? []
        let resolved = conditions.first { $0.type == "ResolvedRefs" }
        #expect(resolved?.status == false && resolved?.reason == "UnsupportedProtocol")
        #expect(
            resolved?.message
                == """
                spec.rules[0].backendRefs[0]: BackendTLSPolicy shop/tls asks for TLS to port 80 of Service shop/web, which is not served
                """)
        #expect(
            plan.problems.contains {
                $0.object == "BackendTLSPolicy shop/tls" && $0.id == .policyUnserved && $0.severity == .error
            })
    }

    /// The pod's own application is not called over the network.
    @Test func aPodsOwnCallsAreRefusedAndItsOwnDoorIsAsItWas() throws {
        let objects = Self.objects(parent: "{group: \"\", kind: Service, name: web}")
        let both = "{group: \"\", kind: Service, name: web}, {group: \"\", kind: Service, name: other}"
        let plan = try plan(
            objects, Self.policy(Self.targets(both)), scope: .sidecar(pod: Self.pod, addresses: [Self.address]))
        let outbound = plan.services.first { $0.service.name == "web" && $0.port == 80 }
        #expect(refused(outbound?.matches, plan) == [true, true, true, false])
        let inbound = plan.inboundPorts.first { $0.port == 8080 }
        #expect(refused(inbound?.members.first?.matches, plan) == [false, true, true, false])
        #expect(refused(inbound?.mergedMatches, plan) == [false, true, true, false])
    }

    /// Without a route the application's own bytes are passed, which may well be TLS.
    @Test func aCallThatNoRouteLeadsIsPassedAsItIs() throws {
        let policy = Self.policy(Self.targets("{group: \"\", kind: Service, name: other}"))
        let plan = try plan(Self.objects(), policy, scope: .sidecar(pod: Self.pod, addresses: []))
        #expect(plan.services.first { $0.service.name == "other" }?.isRouted == false)
    }

    @Test(arguments: [
        ("{backend: {clientCertificateRef: {name: client}}}", true), ("{backend: {clientCertificateRef: []}}", true),
        ("{backend: [client]}", true), ("{backend: {clientCertificatRef: {name: client}}}", true), ("yes", true),
        ("{backend: {}}", false), ("{backend: null}", false),
        ("{frontend: {default: {}}}", false), ("null", false),
    ])
    func aGatewayThatIsToShowACertificateCallsNoBackend(_ tls: String, isAsked: Bool) throws {
        let plan = try plan(Self.objects(gatewayTLS: tls), scope: .cluster)
        #expect(refused(plan) == [isAsked, isAsked, isAsked, isAsked])
        let told = plan.problems.filter { $0.field == "spec.tls.backend" }
        #expect(told.count == (isAsked ? 1 : 0))
        let condition = plan.statuses.gateways[Self.gateway]?.conditions.first { $0.type == "ResolvedRefs" }
        #expect((condition?.status == false && condition?.reason == "InvalidClientCertificateRef") == isAsked)
        #expect((condition == nil) != isAsked)
    }

    @Test func anotherGatewayOfTheSameRouteIsNotConcerned() throws {
        let second = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: plain, namespace: shop}
            spec: {gatewayClassName: weir, listeners: [{name: web, port: 80, protocol: HTTP}]}
            ---

            """
        let objects = Self.objects(
            gatewayTLS: "{backend: {clientCertificateRef: {name: client}}}", parent: "{name: edge}, {name: plain}")
        let plan = try plan(objects, second, scope: .cluster)
        #expect(refused(plan.listeners.first { $0.gateway.name == "plain" }?.matches, plan).allSatisfy { !$0 })
        #expect(refused(plan.listeners.first { $0.gateway.name == "edge" }?.matches, plan).allSatisfy { $0 })
    }
}
