import APIServer
import GatewayAPI
import Glibc
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// The controller's parts together, over real sockets, against an API server of the tests.
@Suite struct ClusterControllerTests {
    private static let resources =
        GatewayManifests.gatewayClass() + GatewayManifests.gateway("web", in: "ana")
            + """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: shop, namespace: ana}
            spec: {clusterIP: 10.0.0.9, ports: [{port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: shop, namespace: ana}
            spec:
              parentRefs: [{name: web}]
              rules: [{backendRefs: [{name: shop, port: 80}]}]

            """

    private static let gateway = ObjectKey(namespace: "ana", name: "web")
    private static let workload = ObjectKey(namespace: "ana", name: "web-weir")

    private static func programmed(_ world: ControllerWorld) -> String? {
        world.condition("Programmed", of: world.server.get("gateways", gateway))?["reason"]?.stringValue
    }

    @Test func aGatewayGetsItsPodsItsAddressesAndItsStatus() throws {
        let world = try ControllerWorld(Self.resources)
        world.start()
        #expect(world.waits { world.server.get("deployments", Self.workload) != nil })
        #expect(world.waits { Self.programmed(world) == "Pending" })
        try world.server.change("deployments", Self.workload) {
            $0.set("status", .mapping(["availableReplicas": 1]))
        }
        #expect(world.waits { Self.programmed(world) == "AddressNotAssigned" })
        try world.server.change("services", Self.workload) {
            $0.set("status", .mapping(["loadBalancer": .mapping(["ingress": [.mapping(["ip": "192.0.2.7"])]])]))
        }
        #expect(world.waits { Self.programmed(world) == "Programmed" })
        let gateway = world.server.get("gateways", Self.gateway)
        #expect(gateway?.at("status.addresses.0.value")?.stringValue == "192.0.2.7")
        let gatewayClass = ObjectKey(namespace: "", name: "weir")
        #expect(
            world.waits { world.condition("Accepted", of: world.server.get("gatewayclasses", gatewayClass)) != nil })
        #expect(
            world.waits {
                world.server.get("httproutes", ObjectKey(namespace: "ana", name: "shop"))?
                    .at("status.parents.0.conditions") != nil
            })
        world.controller.stop()
    }

    @Test func badParametersAreSaidAndChangeNothingThatRuns() throws {
        let world = try ControllerWorld(Self.resources)
        world.start()
        #expect(world.waits { world.server.get("services", Self.workload) != nil })
        try world.server.put(
            yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: p, namespace: ana}, data: {kind: Pod}}")
        try world.server.change("gateways", Self.gateway) { gateway in
            gateway.update("spec") { spec in
                spec.set(
                    "infrastructure",
                    .mapping(["parametersRef": .mapping(["group": "", "kind": "ConfigMap", "name": "p"])]))
            }
        }
        #expect(
            world.waits {
                world.condition("Accepted", of: world.server.get("gateways", Self.gateway))?["reason"]?.stringValue
                    == "InvalidParameters"
            })
        #expect(world.server.get("services", Self.workload) != nil)
        try world.server.put(
            yaml:
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: p, namespace: ana}, data: {serviceType: ClusterIP}}"
        )
        #expect(
            world.waits {
                world.server.get("services", Self.workload)?.at("spec.type")?.stringValue == "ClusterIP"
            })
        world.controller.stop()
    }

    @Test func aNumberOfPodsThatIsGivenUpStays() throws {
        let world = try ControllerWorld(Self.resources)
        try world.server.put(
            yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: p, namespace: ana}, data: {replicas: \"4\"}}")
        try world.server.change("gateways", Self.gateway) { gateway in
            gateway.update("spec") { spec in
                spec.set(
                    "infrastructure",
                    .mapping(["parametersRef": .mapping(["group": "", "kind": "ConfigMap", "name": "p"])]))
            }
        }
        world.start()
        let replicas = { world.server.get("deployments", Self.workload)?.at("spec.replicas")?.integerValue }
        #expect(world.waits { replicas() == 4 })
        try world.server.put(
            yaml:
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: p, namespace: ana}, data: {logLevel: debug}}")
        #expect(
            world.waits {
                world.server.requests.contains {
                    $0.query.contains("fieldManager=weir-controller-replicas") && $0.status == 200
                }
            })
        let isOwned = {
            ReplicasHandover.ownedReplicas(of: world.server.get("deployments", Self.workload) ?? .mapping([:])) != nil
        }
        #expect(world.waits { !isOwned() })
        #expect(replicas() == 4)
        world.controller.stop()
    }

    @Test func aGatewaysObjectsGoWithIt() throws {
        let world = try ControllerWorld(Self.resources)
        world.start()
        #expect(world.waits { world.server.get("deployments", Self.workload) != nil })
        world.server.delete("gateways", Self.gateway)
        #expect(world.waits { world.server.get("deployments", Self.workload) == nil })
        #expect(world.waits { world.server.get("services", Self.workload) == nil })
        world.controller.stop()
    }

    @Test func whoDoesNotLeadWritesNothing() throws {
        let world = try ControllerWorld(Self.resources)
        world.controller.start()
        #expect(world.waits { world.controller.isSynced })
        #expect(world.loop.run(milliseconds: 300) { world.server.get("services", Self.workload) != nil })
        #expect(Self.programmed(world) == nil)
        world.controller.setActive(true)
        #expect(world.waits { world.server.get("services", Self.workload) != nil })
        world.controller.stop()
    }

    @Test func definitionsThatComeLaterAreWorkedWith() throws {
        let world = try ControllerWorld(Self.resources)
        world.server.serve("gateways", versions: [])
        world.start()
        #expect(world.waits { world.controller.isSynced })
        #expect(world.server.get("deployments", Self.workload) == nil)
        world.controller.stop()
    }

    @Test func whatCannotBeReadSaysSoInItsStatus() throws {
        let world = try ControllerWorld(Self.resources)
        world.start()
        let shop = ObjectKey(namespace: "ana", name: "shop")
        func accepted() -> Node? {
            world.server.get("httproutes", shop)?.at("status.parents.0.conditions")?.elements
                .first { $0["type"]?.stringValue == "Accepted" }
        }
        #expect(world.waits { accepted()?["status"]?.stringValue == "True" })
        // What is provisioned is not taken down by what comes now, and need not be made any more.
        #expect(world.waits { world.server.get("services", Self.workload) != nil })
        try world.server.change("httproutes", shop) { route in
            route.update("spec") { $0.set("rules", "none") }
        }
        try world.server.change("gateways", Self.gateway) { gateway in
            gateway.update("spec") { $0.set("listeners", "none") }
        }
        #expect(world.waits { accepted()?["reason"]?.stringValue == "UnsupportedValue" })
        #expect(accepted()?["message"]?.stringValue?.contains("spec.rules") == true)
        #expect(
            accepted()?["observedGeneration"] == world.server.get("httproutes", shop)?.at("metadata.generation"))
        #expect(
            world.waits {
                world.condition("Accepted", of: world.server.get("gateways", Self.gateway))?["reason"]?.stringValue
                    == "Invalid"
            })
        // It is not taken down, and recovers.
        #expect(world.server.get("services", Self.workload) != nil)
        try world.server.change("httproutes", shop) { route in
            route.update("spec") { $0.set("rules", [.mapping(["backendRefs": []])]) }
        }
        #expect(world.waits { accepted()?["status"]?.stringValue == "True" })
        world.controller.stop()
    }

    @Test func aRouteThatNeverCouldBeReadSaysSoToo() throws {
        let world = try ControllerWorld(Self.resources)
        try world.server.put(
            yaml: """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: bad, namespace: ana}
                spec:
                  parentRefs: [{name: web}, {name: others}, {group: "", kind: Service, name: shop}]
                  rules: none
                """)
        world.start()
        let bad = ObjectKey(namespace: "ana", name: "bad")
        #expect(world.waits { world.server.get("httproutes", bad)?.at("status.parents")?.elements.count == 2 })
        let parents = world.server.get("httproutes", bad)?.at("status.parents")?.elements ?? []
        #expect(parents.map { $0.at("parentRef.name")?.stringValue } == ["web", "shop"])
        #expect(parents.allSatisfy { $0.at("conditions.0.reason")?.stringValue == "UnsupportedValue" })
        world.controller.stop()
    }
}
