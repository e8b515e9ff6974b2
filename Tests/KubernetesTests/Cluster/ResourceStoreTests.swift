import CAllocationCount
import GatewayAPI
import Testing

@testable import Kubernetes

/// What is kept of a cluster's objects, and what is told of them.
@Suite struct ResourceStoreTests {
    private static let pod = ObjectKey(namespace: "ana", name: "pod-1")
    private static let admission = GatewayAdmission(controller: "weir.dev/gateway-controller", className: "weir")

    private func key(_ name: String, _ namespace: String = "ana") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    @Test func anObjectThatIsNoGoodKeepsItsLastGoodState() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        store.put(ClusterObjects.service("a", port: 80), as: .service)
        store.put(ClusterObjects.service("b"), as: .service)
        #expect(store.takeChange().routesChanged)
        var bad = ClusterObjects.service("a")
        bad.update("spec") { $0.set("type", "Nonsense") }
        store.put(bad, as: .service)
        let change = store.takeChange()
        #expect(!change.routesChanged && change.problemsChanged)
        #expect(store.resources.services[key("a")]?.ports.first?.port == 80)
        #expect(store.problems.allSatisfy { $0.object == "Service ana/a" } && !store.problems.isEmpty)
        store.put(ClusterObjects.service("a", port: 81), as: .service)
        #expect(store.problems == [] && store.takeChange().problemsChanged)
        #expect(store.resources.services[key("a")]?.ports.first?.port == 81)
    }

    @Test func whatARouteThatCannotBeReadNamesIsRemembered() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        let id = ResourceID(kind: .httpRoute, key: key("r"))
        var bad: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": ClusterObjects.meta("r", "ana"),
            "spec": .mapping(["rules": [], "parentRefs": [.mapping(["group": "", "kind": "Service", "name": "a"])]]),
        ])
        store.put(bad, as: .httpRoute)
        #expect(store.takeChange().routesChanged && store.resources.unservedRoutes[id]?.parentRefs.first?.name == "a")
        bad.update("spec") { $0.set("rules", nil) }
        store.put(bad, as: .httpRoute)
        #expect(store.resources.unservedRoutes.isEmpty && store.resources.httpRoutes[key("r")] != nil)
        store.remove(id)
        bad.update("spec") { $0.set("rules", "none") }
        store.put(bad, as: .httpRoute)
        store.removeAll(of: .httpRoute)
        #expect(store.resources.unservedRoutes.isEmpty)
    }

    @Test func aRemovedObjectTakesItsProblemsWithIt() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        var bad = ClusterObjects.service("a")
        bad.update("spec") { $0.set("ports", "none") }
        store.put(bad, as: .service)
        #expect(store.problems.count == 1 && store.resources.services.isEmpty)
        store.remove(ResourceID(kind: .service, key: key("a")))
        #expect(store.problems == [])
    }

    @Test func whatNobodyReadsIsNoChange() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        store.put(ClusterObjects.service("a"), as: .service)
        _ = store.takeChange()
        store.put(
            ClusterObjects.service("a", labels: ["app": "x"], annotations: ["kubectl.kubernetes.io/last": "{}"]),
            as: .service)
        #expect(store.takeChange().isEmpty)
        store.put(ClusterObjects.service("a", annotations: ["weir.dev/route-enforcement": "off"]), as: .service)
        #expect(store.takeChange().routesChanged)
        #expect(store.resources.services[key("a")]?.metadata.annotations == ["weir.dev/route-enforcement": "off"])
    }

    @Test func afterTheFirstChangeServicesAreListed() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        store.put(ClusterObjects.service("a"), as: .service)
        let first = store.takeChange()
        #expect(first.routesChanged && first.servicesChanged.isEmpty, "all there is is new")
        store.put(ClusterObjects.service("a", port: 81), as: .service)
        store.put(ClusterObjects.service("b"), as: .service)
        #expect(store.takeChange().servicesChanged == [key("a"), key("b")])
        store.remove(ResourceID(kind: .service, key: key("b")))
        store.put(ClusterObjects.route("r", parents: ["Service/a"]), as: .httpRoute)
        let last = store.takeChange()
        #expect(last.routesChanged && last.servicesChanged == [key("b")])
    }

    @Test func slicesTellOfTheirServicesAlone() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        store.put(ClusterObjects.slice("a-1", of: "a"), as: .endpointSlice)
        var change = store.takeChange()
        #expect(change.endpointsChanged == [key("a")] && !change.routesChanged)
        #expect(store.resources.endpointSlices[key("a-1")]?.endpoints.first?.pod == nil)
        store.remove(ResourceID(kind: .endpointSlice, key: key("a-1")))
        change = store.takeChange()
        #expect(change.endpointsChanged == [key("a")])
    }

    @Test func aSidecarKnowsItselfAmongTheEndpoints() {
        var store = ResourceStore(.sidecar(pod: key("a-1-pod")))
        store.put(ClusterObjects.slice("a-1", of: "a"), as: .endpointSlice)
        #expect(store.resources.endpointSlices[key("a-1")]?.endpoints.first?.pod == key("a-1-pod"))
    }

    @Test(arguments: [
        (["Service/a"], "ana", true), (["Service/ian/b"], "ana", true), (["Service/b"], "ian", true),
        (["Service/ana/a"], "ian", false), (["Gateway/g"], "ana", false), (["Gateway/g", "Service/a"], "ana", true),
        (["HTTPRoute/parent"], "ian", true), ([], "ian", true),
    ])
    func aSidecarKeepsRoutesThatCanConcernIt(parents: [String], namespace: String, isKept: Bool) {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        store.put(ClusterObjects.route("r", namespace, parents: parents), as: .httpRoute)
        #expect((store.resources.httpRoutes[key("r", namespace)] != nil) == isKept)
    }

    @Test(arguments: [
        (["Gateway/g"], true), (["Gateway/other"], false), (["Service/a"], false), (["HTTPRoute/parent"], true),
        ([], true),
    ])
    func aGatewayKeepsRoutesThatCanConcernIt(parents: [String], isKept: Bool) {
        var store = ResourceStore(.gateway(key("g"), Self.admission))
        store.put(ClusterObjects.route("r", parents: parents), as: .httpRoute)
        #expect((store.resources.httpRoutes[key("r")] != nil) == isKept)
    }

    @Test func aRouteThatTurnsAwayGoes() {
        var store = ResourceStore(.gateway(key("g"), Self.admission))
        store.put(ClusterObjects.route("r", parents: ["Gateway/g"]), as: .httpRoute)
        _ = store.takeChange()
        store.put(ClusterObjects.route("r", parents: ["Gateway/other"]), as: .httpRoute)
        #expect(store.resources.httpRoutes.isEmpty && store.takeChange().routesChanged)
    }

    @Test func routesKeepTheLabelsOfDelegation() {
        var store = ResourceStore(.cluster(endpoints: true))
        let labels = ["delegation.kgateway.dev/label": "team-a", "app": "x"]
        store.put(ClusterObjects.route("r", parents: [], labels: labels), as: .httpRoute)
        #expect(store.resources.httpRoutes[key("r")]?.metadata.labels == ["delegation.kgateway.dev/label": "team-a"])
    }

    @Test func theClassDecidesWhetherAGatewayIsOurs() {
        var store = ResourceStore(.gateway(key("g"), Self.admission))
        store.put(ClusterObjects.gateway("g", className: "edge"), as: .gateway)
        #expect(store.resources.gateways.isEmpty && store.problems == [])
        store.settleClasses()
        #expect(store.takeChange().problemsChanged)
        #expect(store.problems.map(\.field) == ["spec.gatewayClassName"])
        store.put(ClusterObjects.gatewayClass("edge", controller: "example.com/other"), as: .gatewayClass)
        #expect(store.resources.gateways.isEmpty)
        store.put(ClusterObjects.gatewayClass("edge", controller: "weir.dev/gateway-controller"), as: .gatewayClass)
        #expect(store.resources.gateways.count == 1 && store.problems == [])
        // A class that does not exist may be a slip: what is served goes on until the class says whose it is.
        store.put(ClusterObjects.gateway("g", className: "foreign"), as: .gateway)
        #expect(store.resources.gateways.count == 1)
        store.put(ClusterObjects.gatewayClass("foreign", controller: "example.com/other"), as: .gatewayClass)
        #expect(store.resources.gateways.isEmpty)
        // Without its object, our class is known by its name.
        store.put(ClusterObjects.gateway("g", className: "weir"), as: .gateway)
        #expect(store.resources.gateways.count == 1)
        store.removeAll(of: .gateway)
        #expect(store.resources.gateways.isEmpty && store.problems == [])
    }

    @Test func aKindThatIsNotServedTakesItsObjectsWithIt() {
        var store = ResourceStore(.cluster(endpoints: true))
        store.put(ClusterObjects.route("r", parents: ["Gateway/g"]), as: .httpRoute)
        store.put(ClusterObjects.service("a"), as: .service)
        store.removeAll(of: .httpRoute)
        #expect(store.resources.httpRoutes.isEmpty && store.resources.services.count == 1)
    }

    @Test func aSecretThatIsNoCertificateIsReportedWithoutItsData() {
        var store = ResourceStore(.gateway(key("g"), Self.admission))
        store.put(ClusterObjects.secret("tls"), as: .secret)
        #expect(store.resources.secrets[key("tls")]?.defect != nil)
        #expect(!store.problems.isEmpty && store.problems.allSatisfy { !"\($0)".contains("eA=") })
    }

    @Test func problemsAreBounded() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        for number in 0..<(ClusterLimits.reportedObjects + 5) {
            var bad = ClusterObjects.service("s\(number)")
            bad.update("spec") { $0.set("ports", "none") }
            store.put(bad, as: .service)
        }
        #expect(store.problems.count == ClusterLimits.reportedObjects + 1)
        #expect(store.problems.last?.message == "more objects have problems than are reported here")
    }

    /// What ten thousand Services as real clusters have them cost a sidecar in memory.
    @Test func tenThousandServicesCostTwoMegabytes() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        let before = weir_allocated_bytes()
        for number in 0..<10_000 {
            let namespace = "some-team-namespace-\(number / 100)"
            store.put(
                ClusterObjects.service(
                    "some-application-service-\(number)", namespace, selector: ["app.kubernetes.io/name": "a\(number)"],
                    labels: ["app.kubernetes.io/name": "a\(number)", "helm.sh/chart": "chart-1.2.3"],
                    annotations: [
                        "kubectl.kubernetes.io/last-applied-configuration": String(repeating: "x", count: 600)
                    ]),
                as: .service)
        }
        let bytes = weir_allocated_bytes() - before
        #expect(store.resources.services.count == 10_000)
        #expect(bytes < 2_000_000, "\(bytes) bytes")
    }
}
