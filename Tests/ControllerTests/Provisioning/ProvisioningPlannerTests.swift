import GatewayAPI
import Kubernetes
import Routing
import Testing

@testable import Controller

@Suite struct ProvisioningPlannerTests {
    private let key = ObjectKey(namespace: "ana", name: "web")

    private struct World {
        var resources = ResourceSet()
        var objects: [ObjectKey: Node] = [:]
        var configMaps: [ObjectKey: NamedObjectState] = [:]
        var secrets: [ObjectKey: NamedObjectState] = [:]

        init(_ text: String) throws {
            var problems: [Problem] = []
            for document in try YAMLReader.documents(Array(text.utf8)) {
                guard
                    case .resource(let id, let resource) = ResourceDecoder.decode(
                        document.root, file: "", problems: &problems)
                else { continue }
                resources.insert(resource)
                if id.kind == .gateway { objects[id.key] = document.root }
            }
        }

        func plan() -> ProvisioningPlanner.Result {
            ProvisioningPlanner.plan(
                resources, objects: objects, settings: Gateways.settings, configMap: { configMaps[$0] ?? .unknown },
                secret: { secrets[$0] ?? .unknown })
        }
    }

    private static let ours = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: weir}
        spec: {controllerName: weir.dev/gateway-controller}
        ---

        """
    private static let classWithParameters = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: weir}
        spec:
          controllerName: weir.dev/gateway-controller
          parametersRef: {group: "", kind: ConfigMap, namespace: weir-system, name: defaults}
        ---

        """

    private func gateway(_ more: String = "") -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web, namespace: ana, uid: u-1}
        spec: {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]\(more)}
        """
    }

    @Test func aGatewayOfOurClassIsProvisioned() throws {
        let result = try World(Self.ours + gateway()).plan()
        #expect(result.plans[key]?.objects.count == 3)
        #expect(result.names[key] == "web-weir")
    }

    @Test func anothersGatewayHasNoObjectsAndAnUnclearOneIsHeld() throws {
        let foreign = Self.ours.replacing("weir.dev/gateway-controller", with: "example.com/other")
        #expect(try World(foreign + gateway()).plan().plans[key] == .objects([]))
        #expect(try World(gateway()).plan().plans[key] == .hold, "its class is gone")
        var world = try World(Self.ours + gateway())
        world.resources.gateways[key] = nil
        #expect(world.plan().plans[key] == .hold, "it cannot be read")
    }

    @Test func aGatewayThatIsBeingDeletedIsHeld() throws {
        let going = gateway().replacing("uid: u-1", with: "uid: u-1, deletionTimestamp: \"2026-01-02T03:04:05Z\"")
        #expect(try World(Self.ours + going).plan().plans[key] == .hold)
    }

    @Test func aGatewayThatNothingCanBeServedForIsHeld() throws {
        let udp = gateway().replacing("HTTP}", with: "UDP}")
        #expect(try World(Self.ours + udp).plan().plans[key] == .hold)
        let strange = gateway(", addresses: [{type: test/fake, value: x}]")
        #expect(try World(Self.ours + strange).plan().plans[key] == .hold)
    }

    @Test func parametersAreWaitedForAndSaidWhenTheyAreBad() throws {
        var world = try World(
            Self.ours + gateway(", infrastructure: {parametersRef: {group: \"\", kind: ConfigMap, name: p}}"))
        let configMap = ObjectKey(namespace: "ana", name: "p")
        #expect(world.plan().configMaps == [configMap])
        #expect(world.plan().plans[key] == .hold)
        #expect(world.plan().parametersDefects == [:])
        world.configMaps[configMap] = .unreadable("403")
        #expect(world.plan().parametersDefects[key] == "ConfigMap ana/p cannot be read: 403")
        world.configMaps[configMap] = .absent
        #expect(world.plan().parametersDefects[key] == "ConfigMap ana/p does not exist")
        world.configMaps[configMap] = .found(try Gateways.node("data: {kind: X}"))
        #expect(world.plan().plans[key] == .hold)
        #expect(world.plan().parametersDefects[key]?.contains("data.kind") == true)
        world.configMaps[configMap] = .found(try Gateways.node("data: {kind: DaemonSet}"))
        #expect(world.plan().plans[key]?.objects.last?.id.kind == ManagedKinds.daemonSet)
        #expect(world.plan().parametersDefects == [:])
    }

    @Test func aGatewaysOwnParametersCannotChooseItsProgram() throws {
        let own = gateway(", infrastructure: {parametersRef: {group: \"\", kind: ConfigMap, name: p}}")
        var world = try World(Self.classWithParameters + own)
        let image = try Gateways.node("data: {image: \"other:1\"}")
        world.configMaps[ObjectKey(namespace: "weir-system", name: "defaults")] = .found(image)
        world.configMaps[ObjectKey(namespace: "ana", name: "p")] = .found(try Gateways.node("data: {}"))
        let deployment = try #require(world.plan().plans[key]?.objects.last).content
        #expect(deployment.at("spec.template.spec.containers.0.image") == "other:1")
        world.configMaps[ObjectKey(namespace: "ana", name: "p")] = .found(image)
        #expect(world.plan().plans[key] == .hold)
        #expect(world.plan().parametersDefects[key]?.contains("data.image") == true)
    }

    @Test func aClassesBadParametersHoldItsGateways() throws {
        var world = try World(Self.classWithParameters + gateway())
        let configMap = ObjectKey(namespace: "weir-system", name: "defaults")
        world.configMaps[configMap] = .found(try Gateways.node("data: {workers: many}"))
        #expect(world.plan().classDefects["weir"]?.contains("must be 1..256") == true)
        #expect(world.plan().plans[key] == .hold)
        world.configMaps[configMap] = .found(try Gateways.node("data: {serviceType: ClusterIP}"))
        #expect(world.plan().classDefects == [:])
        let service = world.plan().plans[key]?.objects.first { $0.id.kind == ManagedKinds.service }
        #expect(service?.content.at("spec.type") == "ClusterIP")
    }
}

@Suite struct GatewayFactsTests {
    private func service(_ text: String) throws -> Node { try Gateways.node(text) }

    @Test(arguments: [
        (
            "{spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example}]}}}",
            ["IPAddress 192.0.2.1", "Hostname lb.example"]
        ),
        ("{spec: {type: LoadBalancer, clusterIP: 10.0.0.1}}", []),
        (
            "{spec: {type: ClusterIP, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1']}}",
            ["IPAddress 10.0.0.1", "IPAddress fd00::1"]
        ),
        ("{spec: {type: NodePort, clusterIP: 10.0.0.1}}", ["IPAddress 10.0.0.1"]),
        ("{spec: {type: ClusterIP, clusterIP: None}}", []),
        ("{}", []),
    ])
    func addressesAreTheServices(_ text: String, _ expected: [String]) throws {
        #expect(GatewayAddress.all(of: try service(text)).map { "\($0.type) \($0.value)" } == expected)
    }

    @Test func aGatewayIsReadyWithAServiceAndAPod() throws {
        var facts = ProvisioningFacts()
        func infrastructure() -> GatewayFacts.Infrastructure {
            GatewayFacts(facts, name: "web-weir", parametersDefect: nil).infrastructure
        }
        #expect(infrastructure() == .pending("Service web-weir is not there yet"))
        facts.service = try service("{spec: {type: LoadBalancer}}")
        #expect(infrastructure() == .pending("no pod of web-weir is available yet"))
        facts.availablePods = 0
        #expect(infrastructure() == .pending("no pod of web-weir is available yet"))
        facts.podRefusal = "exceeded quota"
        #expect(infrastructure() == .pending("no pod of web-weir is available yet: exceeded quota"))
        facts.availablePods = 1
        #expect(infrastructure() == .ready)
        facts.failures = ["a", "b", "c", "d"]
        #expect(infrastructure() == .failed("a; b; c; and 1 more"))
    }
}
