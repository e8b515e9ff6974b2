import APIServer
import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// Objects of kinds that are not served get a status from the controller, as long as they name what is ours.
@Suite struct UnservedKindStatusTests {
    private static let served =
        GatewayManifests.gatewayClass() + GatewayManifests.gateway("web", in: "ana")
            + """
            ---
            {apiVersion: v1, kind: Service, metadata: {name: shop, namespace: ana},
             spec: {clusterIP: 10.0.0.9, ports: [{port: 80}]}}
            ---
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: shop, namespace: ana},
             spec: {parentRefs: [{name: web}], rules: [{backendRefs: [{name: shop, port: 80}]}]}}

            """
    private static let unserved = """
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a, namespace: ana},
         spec: {parentRefs: [{name: web}, {group: "", kind: Service, name: shop}]}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: a, namespace: ana},
         spec: {parentRefs: [{name: web}]}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {name: a, namespace: ana},
         spec: {parentRef: {name: web}, listeners: [{name: more, port: 81, protocol: HTTP}]}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: a, namespace: ana},
         spec: {targetRefs: [{group: "", kind: Service, name: shop}], validation: {hostname: shop}}}
        ---
        {apiVersion: gateway.networking.x-k8s.io/v1alpha1, kind: XBackendTrafficPolicy, metadata: {name: a, namespace: ana},
         spec: {targetRefs: [{group: "", kind: Service, name: shop}]}}

        """
    private static let key = ObjectKey(namespace: "ana", name: "a")
    /// Where each of them says it.
    private static let places = [
        ("grpcroutes", "status.parents"), ("tcproutes", "status.parents"),
        ("backendtlspolicies", "status.ancestors"), ("xbackendtrafficpolicies", "status.ancestors"),
    ]

    private func reasons(_ world: ControllerWorld, _ resource: String, _ place: String) -> [String] {
        (world.server.get(resource, Self.key)?.at(place)?.elements ?? []).map { entry in
            let accepted = entry["conditions"]?.elements.first
            return "\(accepted?["type"]?.stringValue ?? "")=\(accepted?["status"]?.stringValue ?? "")"
                + "/\(accepted?["reason"]?.stringValue ?? "")"
        }
    }

    private func isSaid(_ world: ControllerWorld) -> Bool {
        reasons(world, "grpcroutes", "status.parents")
            == ["Accepted=False/NotAllowedByListeners", "Accepted=False/UnsupportedValue"]
            && reasons(world, "tcproutes", "status.parents") == ["Accepted=False/NotAllowedByListeners"]
            && reasons(world, "backendtlspolicies", "status.ancestors") == ["Accepted=False/Invalid"]
            && reasons(world, "xbackendtrafficpolicies", "status.ancestors") == ["Accepted=False/Invalid"]
            && ["Accepted", "Programmed"].allSatisfy { type in
                world.condition(type, of: world.server.get("listenersets", Self.key))?["reason"] == "NotAllowed"
            }
    }

    @Test func whatIsNotServedSaysSoOnceAndNoLongerThanItNamesOurs() throws {
        let world = try ControllerWorld(Self.served + Self.unserved)
        world.start()
        #expect(world.waits { isSaid(world) })
        #expect(world.waits { world.controller.statuses.queueDepth == 0 })
        let versions = Self.places.map { world.server.get($0.0, Self.key)?.at("metadata.resourceVersion") }
        let plans = world.controller.planCounters.count
        try world.server.put(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: new}}")
        #expect(world.waits { world.controller.planCounters.count > plans })
        #expect(world.waits { world.controller.statuses.queueDepth == 0 })
        #expect(versions == Self.places.map { world.server.get($0.0, Self.key)?.at("metadata.resourceVersion") })
        world.server.delete("gateways", ObjectKey(namespace: "ana", name: "web"))
        world.server.delete("services", ObjectKey(namespace: "ana", name: "shop"))
        // The Service was named by the mesh's controller, which says that it is missing.
        #expect(
            world.waits {
                Self.places.map { reasons(world, $0.0, $0.1) } == [["Accepted=False/NoMatchingParent"], [], [], []]
                    && world.server.get("listenersets", Self.key)?.at("status.conditions")?.elements == []
            })
        world.controller.stop()
    }

    @Test(arguments: [true, false]) func aClusterWithoutTheseKindsIsServed(isForbidden: Bool) throws {
        let unserved = Set(ResourceKind.allCases.filter { !$0.isServed }.map(\.api.plural))
        let world = try ControllerWorld(Self.served, without: isForbidden ? [] : unserved)
        for plural in unserved where isForbidden {
            _ = world.server.inject(.failure(403, reason: "Forbidden", on: "/\(plural)", count: nil))
        }
        world.start()
        #expect(
            world.waits {
                world.server.get("httproutes", ObjectKey(namespace: "ana", name: "shop"))?
                    .at("status.parents.0.conditions") != nil
            })
        world.controller.stop()
    }
}
