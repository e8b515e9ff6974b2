import APIServer
import Foundation
import GatewayAPI
import Kubernetes
import Reactor
import Routing
import Testing

@testable import Controller

/// Watches, planner, status writer and a real API client against an API server of the tests.
@Suite struct StatusServerTests {
    /// What the controller does with its watches, as far as statuses are concerned.
    private final class Cluster {
        let server: APIServer
        let loop: EventLoop
        let writer: StatusWriter
        private let client: APIClient
        private var watches: [ResourceWatch] = []
        private var resources = ResourceSet()
        private var known: [ResourceID: Resource] = [:]
        private var isPlanDue = false
        private(set) var plans = 0
        /// What would be known of provisioning.
        var facts = StatusFacts() {
            didSet { planSoon() }
        }

        init(_ settings: StatusWriterSettings = StatusWriterSettings()) throws {
            server = try APIServer()
            loop = try EventLoop()
            let file = FileManager.default.temporaryDirectory.appending(path: "weir-status-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try server.kubeconfig().write(to: file, atomically: true, encoding: .utf8)
            client = APIClient(try ClusterConfiguration.kubeconfig(file.path()), loop: loop, userAgent: "weir/test")
            writer = StatusWriter(transport: client, loop: loop, settings: settings)
        }

        func start() {
            for kind in [ResourceKind.gatewayClass, .gateway, .httpRoute, .service, .referenceGrant, .namespace] {
                let watch = ResourceWatch(transport: client, loop: loop, kind: kind.api) { [unowned self] event in
                    take(kind, event)
                }
                watches.append(watch)
                watch.start()
            }
        }

        func stop() {
            writer.stop()
            for watch in watches { watch.stop() }
            client.close()
            server.stop()
        }

        private func take(_ kind: ResourceKind, _ event: WatchEvent) {
            switch event {
            case .changed(let object):
                writer.changed(kind, object)
                var problems: [Problem] = []
                guard
                    case .resource(let id, let resource) = ResourceDecoder.decode(
                        object, file: "", problems: &problems),
                    // A status that was written is no reason for another plan.
                    known.updateValue(resource, forKey: id) != resource
                else { return }
                resources.insert(resource)
            case .removed(let key):
                let id = ResourceID(kind: kind, key: key)
                writer.removed(kind, key)
                known[id] = nil
                resources.remove(id)
            case .synced, .absent, .interrupted: break
            }
            planSoon()
        }

        private func planSoon() {
            guard !isPlanDue else { return }
            isPlanDue = true
            loop.after(20_000_000) { [weak self] in
                guard let self else { return }
                isPlanDue = false
                guard watches.allSatisfy(\.isSynced) else { return planSoon() }
                plans += 1
                writer.update(RoutePlanner.plan(resources: resources, scope: .cluster, facts: facts).statuses)
            }
        }

        func words(_ resource: String, _ name: String, _ path: (Node) -> Node?) -> [String] {
            guard let object = server.get(resource, ObjectKey(namespace: "shop", name: name)) else { return [] }
            return (path(object)?.elements ?? []).map {
                "\($0["type"]?.stringValue ?? "")=\($0["status"]?.stringValue ?? "")/\($0["reason"]?.stringValue ?? "")"
            }
        }

        func routeWords(_ name: String) -> [String] {
            words("httproutes", name) { $0["status"]?["parents"]?.elements.first?["conditions"] }
        }
    }

    private static let base = """
        {apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: weir}, spec: {controllerName: weir.dev/gateway-controller}}
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}}

        """

    private static func route(_ name: String, backend: String = "cart") -> String {
        """
        ---
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: \(name), namespace: shop}, spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: \(backend), port: 80}]}]}}

        """
    }

    @Test func statusesReachTheServerAndFollowIt() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.server.put(yaml: Self.base + Self.route("web") + Self.route("lost", backend: "absent"))
        cluster.writer.start()
        cluster.start()
        let good = ["Accepted=True/Accepted", "ResolvedRefs=True/ResolvedRefs"]
        #expect(cluster.loop.run { cluster.routeWords("web") == good })
        #expect(
            cluster.loop.run {
                cluster.routeWords("lost") == ["Accepted=True/Accepted", "ResolvedRefs=False/BackendNotFound"]
            })
        #expect(
            cluster.loop.run {
                let listener = cluster.server.get("gateways", ObjectKey(namespace: "shop", name: "edge"))?["status"]?[
                    "listeners"]?.elements.first
                return listener?["attachedRoutes"]?.integerValue == 2
            })
        #expect(
            cluster.loop.run {
                cluster.server.get("gatewayclasses", ObjectKey(namespace: "", name: "weir"))?["status"]?["conditions"]?
                    .elements.first?["reason"]?.stringValue == "Accepted"
            })
        // The missing Service comes, and the condition's time moves.
        try cluster.server.put(
            yaml:
                "{apiVersion: v1, kind: Service, metadata: {name: absent, namespace: shop}, spec: {clusterIP: 10.96.0.2, ports: [{port: 80}]}}"
        )
        #expect(cluster.loop.run { cluster.routeWords("lost") == good })
        // Provisioning is known of: addresses and Programmed.
        cluster.facts.gateways = [
            ObjectKey(namespace: "shop", name: "edge"): GatewayFacts(
                infrastructure: .ready, addresses: [GatewayAPI.GatewayAddress(value: "192.0.2.1")])
        ]
        #expect(
            cluster.loop.run {
                let status = cluster.server.get("gateways", ObjectKey(namespace: "shop", name: "edge"))?["status"]
                return status?["addresses"]?.elements.first?["value"]?.stringValue == "192.0.2.1"
            })
    }

    /// No one else tells the owner of a child why nothing reaches it.
    @Test func aChildThatItsParentHasNoUseForIsToldSoUntilThatChanges() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        let parent = "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}"
        try cluster.server.put(
            yaml: Self.base + Self.route("web") + Self.route("child").replacing("{name: edge}", with: parent))
        cluster.writer.start()
        cluster.start()
        let resolved = "ResolvedRefs=True/ResolvedRefs"
        #expect(cluster.loop.run { cluster.routeWords("child") == ["Accepted=False/NoMatchingParent", resolved] })
        let key = ObjectKey(namespace: "shop", name: "child")
        let entry = cluster.server.get("httproutes", key)?["status"]?["parents"]?.elements.first
        #expect(entry?["parentRef"]?["name"]?.stringValue == "web")
        #expect(entry?["controllerName"]?.stringValue == RoutePlanner.gatewayController)
        // The parent delegates to it now.
        try cluster.server.put(
            yaml: Self.route("web").replacing(
                "{name: cart, port: 80}", with: parent.replacing("name: web", with: "name: child")))
        #expect(cluster.loop.run { cluster.routeWords("child") == ["Accepted=True/Accepted", resolved] })
        // It leads to nothing of ours any more.
        try cluster.server.put(yaml: Self.route("web").replacing("{name: edge}", with: "{name: elsewhere}"))
        #expect(
            cluster.loop.run {
                cluster.server.get("httproutes", key)?["status"]?["parents"]?.elements.isEmpty ?? true
            })
    }

    @Test func aGenerationIsFollowedByItsObservation() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.server.put(yaml: Self.base + Self.route("web"))
        cluster.writer.start()
        cluster.start()
        #expect(cluster.loop.run { !cluster.routeWords("web").isEmpty })
        let key = ObjectKey(namespace: "shop", name: "web")
        try cluster.server.change("httproutes", key) { route in
            route.update("spec") { $0.set("hostnames", ["shop.example"]) }
        }
        let generation = cluster.server.get("httproutes", key)?["metadata"]?["generation"]?.integerValue ?? 0
        #expect(generation == 2)
        #expect(
            cluster.loop.run {
                let conditions = cluster.server.get("httproutes", key)?["status"]?["parents"]?.elements.first?[
                    "conditions"]
                return conditions?.elements.map { $0["observedGeneration"]?.integerValue } == [2, 2]
            })
    }

    @Test func answersThatAreLostAndConnectionsThatBreakCostNothing() throws {
        var settings = StatusWriterSettings()
        settings.firstOutage = 10_000_000
        settings.longestOutage = 100_000_000
        settings.interval = 50_000_000
        let cluster = try Cluster(settings)
        defer { cluster.stop() }
        try cluster.server.put(yaml: Self.base + (0..<20).map { Self.route("r\($0)") }.joined())
        cluster.server.inject(Fault(.loseAnswer, method: "PATCH", on: "/status", count: 3))
        cluster.server.inject(Fault(.refuse, method: "PATCH", on: "/status", count: 3))
        cluster.server.inject(Fault.failure(429, reason: "TooManyRequests", method: "PATCH", on: "/status", count: 3))
        cluster.server.inject(Fault.failure(409, reason: "Conflict", method: "PATCH", on: "/r7/status", count: 1))
        cluster.writer.start()
        cluster.start()
        #expect(cluster.loop.run { (0..<20).allSatisfy { cluster.routeWords("r\($0)").count == 2 } })
        for number in 0..<20 {
            let key = ObjectKey(namespace: "shop", name: "r\(number)")
            #expect(cluster.server.writes(of: "httproutes", key, subresource: "status") == 1)
        }
    }

    @Test func oneThousandRoutesGetTheirStatusesInAWriteOrTwoAtAColdStart() throws {
        let cluster = try Cluster()
        defer { cluster.stop() }
        try cluster.server.put(yaml: Self.base)
        for number in 0..<1_000 { try cluster.server.put(yaml: Self.route("r\(number)")) }
        cluster.writer.start()
        cluster.start()
        #expect(cluster.loop.run { cluster.writer.counters.written >= 1_002 && cluster.writer.queueDepth == 0 })
        for number in 0..<1_000 {
            let key = ObjectKey(namespace: "shop", name: "r\(number)")
            #expect((1...2).contains(cluster.server.writes(of: "httproutes", key, subresource: "status")))
        }
        #expect(cluster.plans <= 3)
        let gateway = ObjectKey(namespace: "shop", name: "edge")
        #expect((1...2).contains(cluster.server.writes(of: "gateways", gateway, subresource: "status")))
    }
}
