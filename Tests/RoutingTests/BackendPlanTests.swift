import GatewayAPI
import Routing
import Testing

/// Backends that the operator has not opened are refused in plan, status and problems, and nothing else with them.
@Suite struct BackendPlanTests {
    private static let cluster = """
        apiVersion: v1
        kind: Service
        metadata: {name: internal, namespace: team-b}
        spec: {clusterIP: 10.96.0.6, ports: [{name: http, port: 8080}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: internal-1, namespace: team-b, labels: {kubernetes.io/service-name: internal}}
        addressType: IPv4
        ports: [{name: http, port: 9000}]
        endpoints: [{addresses: [10.77.1.40]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: infra}
        spec:
          gatewayClassName: weir
          listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
        """

    private static func resources(host: String, type: String = "Static") throws -> ResourceSet {
        try PlanFixture.resources(
            cluster,
            """
            apiVersion: gateway.kgateway.dev/v1alpha1
            kind: Backend
            metadata: {name: b, namespace: team-a}
            spec: {type: \(type), static: {hosts: [{host: "\(host)", port: 80}]}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: team-a}
            spec:
              parentRefs: [{name: edge, namespace: infra}]
              rules:
              - backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: b}]
            """)
    }

    private static let key = ObjectKey(namespace: "team-a", name: "b")

    @Test(arguments: [
        "127.0.0.1", "localhost", "::ffff:127.0.0.1", "169.254.169.254", "10.96.0.6", "10.77.1.40", "internal.team-b",
        "internal.team-b.svc", "64:ff9b::a4d:128",
    ])
    func hostsThatLeadInsideAreRefused(_ host: String) throws {
        let plan = RoutePlanner.plan(resources: try Self.resources(host: host), scope: .cluster)
        #expect(!plan.backends.contains(.backend(Self.key)))
        #expect(plan.statuses.backends[Self.key]?.first?.reason == "NotPermitted")
        let problem = try #require(plan.problems.first { $0.object == "Backend team-a/b" })
        #expect(problem.field == "spec.static.hosts[0].host" && problem.value == host)
        #expect(!plan.problems.contains { $0.message.contains("team-b/") }, "the objects of others are not named")
        guard case .forward(let shares) = plan.rules.first?.action, case .invalid = shares.first?.target else {
            Issue.record("the share is to answer 500")
            return
        }
    }

    @Test(arguments: ["AWS", "static", "DynamicForwardProxy", "7", "{}"])
    func typesThatAreNotServedAreRefused(_ type: String) throws {
        let plan = RoutePlanner.plan(
            resources: try Self.resources(host: "db.example.com", type: type), scope: .cluster)
        #expect(!plan.backends.contains(.backend(Self.key)))
        #expect(plan.statuses.backends[Self.key]?.first?.status == false)
    }

    @Test(arguments: ["db.example.com.", "my_db.example.com", "10.77.1.41", "192.0.2.1"])
    func hostsOutsideAreUsed(_ host: String) throws {
        let plan = RoutePlanner.plan(resources: try Self.resources(host: host), scope: .cluster)
        #expect(plan.backends.contains(.backend(Self.key)))
        #expect(plan.problems.isEmpty)
        #expect(plan.statuses.backends[Self.key]?.first?.status == true)
    }

    private func uses(_ resources: ResourceSet, _ policy: BackendPolicy) -> Bool {
        RoutePlanner.plan(resources: resources, scope: .cluster, backends: policy).backends.contains(.backend(Self.key))
    }

    @Test func theOperatorChoosesNamespacesAndNetworks() throws {
        var policy = BackendPolicy()
        policy.namespaces = ["team-c"]
        let outside = try Self.resources(host: "db.example.com")
        let refused = RoutePlanner.plan(resources: outside, scope: .cluster, backends: policy)
        #expect(!refused.backends.contains(.backend(Self.key)))
        #expect(
            refused.problems.contains { $0.object == "Backend team-a/b" && $0.message.contains("--backend-namespaces") }
        )
        #expect(Set(refused.problems.map(\.id)) == [.unusableTarget])
        policy.namespaces = ["team-a"]
        #expect(uses(outside, policy))
        policy.allowedNetworks = [try #require(IPNetwork("127.0.0.0/8"))]
        let loopback = try Self.resources(host: "127.0.0.1")
        #expect(uses(loopback, policy))
    }
}
