import GatewayAPI
import Routing
import Testing

/// Objects of kinds that are not served say so, where they name a Gateway of ours or a Service.
@Suite struct UnservedKindTests {
    private static let world = """
        {apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: weir},
         spec: {controllerName: weir.dev/gateway-controller}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: other},
         spec: {controllerName: example.com/other}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: infra},
         spec: {gatewayClassName: weir, listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: foreign, namespace: infra},
         spec: {gatewayClassName: other, listeners: [{name: web, port: 80, protocol: HTTP}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop},
         spec: {clusterIP: 10.96.0.10, ports: [{name: http, port: 80}, {name: https, port: 443}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: far, namespace: back},
         spec: {clusterIP: 10.96.0.11, ports: [{name: http, port: 80}]}}
        ---

        """

    private func plan(_ texts: String...) throws -> RoutePlan {
        RoutePlanner.plan(resources: try PlanFixture.resources(Self.world + texts.joined()), scope: .cluster)
    }

    private func route(_ kind: String, _ parents: String) -> String {
        """
        {apiVersion: gateway.networking.k8s.io/v1, kind: \(kind), metadata: {name: r, namespace: shop, generation: 3},
         spec: {parentRefs: \(parents), rules: [{backendRefs: [{name: cart, port: 80}]}]}}
        ---

        """
    }

    private func said(_ plan: RoutePlan) -> [String] {
        plan.statuses.unservedRoutes.values.flatMap(\.self).flatMap { entry in
            entry.conditions.map {
                "\(entry.parentRef.name) \(entry.controllerName.split(separator: "/").last ?? "") "
                    + "\($0.type)=\($0.status)/\($0.reason)@\($0.observedGeneration)"
            }
        }
    }

    @Test(arguments: ["GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
    func aRouteIsRefusedAtEachParentThatIsOurs(_ kind: String) throws {
        let plan = try plan(
            route(
                kind,
                """
                [{name: edge, namespace: infra}, {name: foreign, namespace: infra}, {name: nowhere},
                 {name: edge, namespace: infra, sectionName: none}, {name: edge, namespace: infra},
                 {group: "", kind: Service, name: cart}, {group: "", kind: Service, name: cart, port: 9},
                 {group: "", kind: Service, name: far, namespace: back}, {kind: Mesh, name: cart}]
                """))
        #expect(
            said(plan) == [
                "edge gateway-controller Accepted=false/NotAllowedByListeners@3",
                "edge gateway-controller Accepted=false/NoMatchingParent@3",
                "cart mesh-controller Accepted=false/UnsupportedValue@3",
                "cart mesh-controller Accepted=false/NoMatchingParent@3",
                "far mesh-controller Accepted=false/UnsupportedValue@3",
            ])
        let told = plan.problems.filter { $0.object == "\(kind) shop/r" }
        #expect(told.map(\.id) == [.unservedKind] && told.first?.severity == .error)
    }

    @Test func whatClosesAServiceIsSaid() throws {
        let parents = "[{group: \"\", kind: Service, name: cart}]"
        let message = { (kind: String) in
            try plan(route(kind, parents)).statuses.unservedRoutes.values.first?.first?.conditions.first?.message ?? ""
        }
        #expect(
            try message("TCPRoute")
                == "TCPRoutes to Service shop/cart are not served; its ports that no other route guards answer 500")
        #expect(try message("UDPRoute") == "UDPRoutes to Service shop/cart are not served")
    }

    @Test func whatNamesOnlyOthersIsLeftToThem() throws {
        let plan = try plan(
            route("GRPCRoute", "[{name: foreign, namespace: infra}]"),
            listenerSet("{name: foreign, namespace: infra}"))
        #expect(plan.statuses.unservedRoutes.isEmpty && plan.statuses.listenerSets.isEmpty)
        #expect(!plan.problems.contains { $0.id == .unservedKind })
    }

    @Test(arguments: ["[]", "null", "[{name: nowhere}]", "{name: [edge]}"])
    func aRouteThatNamesNothingIsToldAllTheSame(_ parents: String) throws {
        let plan = try plan(route("TLSRoute", parents))
        #expect(plan.statuses.unservedRoutes.isEmpty)
        #expect(plan.problems.contains { $0.object == "TLSRoute shop/r" && $0.id == .unservedKind })
    }

    // MARK: ListenerSets

    private func listenerSet(_ parent: String) -> String {
        """
        {apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {name: s, namespace: shop, generation: 2},
         spec: {parentRef: \(parent), listeners: [{name: a, port: 81, protocol: HTTP}]}}
        ---

        """
    }

    @Test func aListenerSetOfAGatewayOfOursIsNotAllowed() throws {
        let plan = try plan(listenerSet("{name: edge, namespace: infra}"))
        let conditions = plan.statuses.listenerSets[ObjectKey(namespace: "shop", name: "s")] ?? []
        #expect(conditions.map(\.type) == ["Accepted", "Programmed"])
        #expect(conditions.allSatisfy { !$0.status && $0.reason == "NotAllowed" && $0.observedGeneration == 2 })
        #expect(plan.problems.contains { $0.object == "ListenerSet shop/s" && $0.id == .unservedKind })
    }

    // MARK: Policies

    private static let routes = """
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web, namespace: shop},
         spec: {parentRefs: [{name: edge, namespace: infra}], rules: [{backendRefs: [{name: cart, port: 80}]}]}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: inside, namespace: shop},
         spec: {parentRefs: [{group: "", kind: Service, name: cart, port: 80}], rules: [{backendRefs: [{name: cart, port: 80}]}]}}
        ---

        """

    private func policy(_ kind: String, _ target: String, namespace: String = "shop") -> String {
        let group = kind.hasPrefix("X") ? "gateway.networking.x-k8s.io/v1alpha1" : "gateway.networking.k8s.io/v1"
        return """
            {apiVersion: \(group), kind: \(kind), metadata: {name: p, namespace: \(namespace), generation: 4},
             spec: {targetRefs: [\(target)]}}
            ---

            """
    }

    private func ancestors(_ plan: RoutePlan) -> [String] {
        plan.statuses.policies.values.flatMap(\.self).map { entry in
            let reference = entry.parentRef
            let reasons = entry.conditions.map { "\($0.type)=\($0.status)/\($0.reason)@\($0.observedGeneration)" }
            return "\(reference.kind) \(reference.namespace ?? "")/\(reference.name) \(reasons.joined())"
        }
    }

    private static let gatewayRefused = "Gateway infra/edge Accepted=false/Invalid@4"
    private static let meshRefused = "Service shop/cart Accepted=false/Invalid@4"

    @Test(arguments: ["BackendTLSPolicy", "XBackendTrafficPolicy"])
    func aPolicyIsRefusedWhereARouteLeadsToItsTarget(_ kind: String) throws {
        let plan = try plan(Self.routes, policy(kind, "{group: \"\", kind: Service, name: cart}"))
        #expect(ancestors(plan) == [Self.gatewayRefused, Self.meshRefused])
        #expect(plan.problems.contains { $0.object == "\(kind) shop/p" && $0.severity == .error })
    }

    @Test(arguments: [
        ("{group: \"\", kind: Service, name: cart, sectionName: http}", [gatewayRefused, meshRefused]),
        ("{group: \"\", kind: Service, name: cart, sectionName: https}", []),
        ("{group: \"\", kind: Service, name: far}", []), ("{group: apps, kind: Deployment, name: cart}", []),
    ])
    func aPolicyThatNoRouteLeadsToHasNoAncestorOfOurs(_ target: String, _ expected: [String]) throws {
        #expect(ancestors(try plan(Self.routes, policy("BackendTLSPolicy", target))) == expected)
        let withoutRoutes = try plan(policy("BackendTLSPolicy", target))
        #expect(ancestors(withoutRoutes) == [])
    }

    @Test func aPolicyOfAnotherNamespaceHasNoAncestorOfOurs() throws {
        let policy = policy("BackendTLSPolicy", "{group: \"\", kind: Service, name: cart}", namespace: "back")
        #expect(ancestors(try plan(Self.routes, policy)) == [])
    }
}
