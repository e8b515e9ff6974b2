import GatewayAPI
import Routing
import Testing

/// Mistakes of delegation have ids of their own, which docs/check.md explains.
@Suite struct DelegationProblemTests {
    private static let kind = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
    private static let gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web, namespace: shop}
        spec: {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]}
        """

    private static func route(_ name: String, parent: String, child: String, path: String = "/") -> String {
        """
        \(kind)metadata: {name: \(name), namespace: shop}
        spec:
          parentRefs: [\(parent)]
          rules:
          - matches: [{path: {value: "\(path)"}}]
            backendRefs: [\(child)]
        """
    }

    private static func below(_ name: String) -> String {
        "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: \(name)}"
    }

    private static func ids(_ routes: String...) throws -> Set<ProblemID> {
        let resources = try PlanFixture.resources(([gateway] + routes).joined(separator: "\n---\n"))
        let problems = RoutePlanner.plan(resources: resources, scope: .cluster).problems
        return Set(problems.filter { $0.object == "HTTPRoute shop/root" || $0.object == "HTTPRoute shop/a" }.map(\.id))
    }

    private static let label = "{group: delegation.kgateway.dev, kind: label, name: nobody}"

    @Test func aRuleThatDelegatesToNobodyIsTold() throws {
        #expect(try Self.ids(Self.route("root", parent: "{name: web}", child: Self.label)) == [.noChild])
        let other = Self.route("a", parent: Self.below("other"), child: "{name: app, port: 80}")
        #expect(
            try Self.ids(Self.route("root", parent: "{name: web}", child: Self.below("a")), other).contains(.noChild))
    }

    @Test func aCircleIsTold() throws {
        let ids = try Self.ids(
            Self.route("root", parent: "{name: web}", child: Self.below("a")),
            Self.route("a", parent: Self.below("root"), child: Self.below("root")))
        #expect(ids.contains(.delegationCycle) && !ids.contains(.notPermitted))
    }
}
