import APIServer
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// A cluster as a source, whatever its API server's release and manners.
@Suite struct ServerProfileTests {
    @Test(arguments: ServerProfile.all) func aClusterIsReadAndKeptUpWith(_ profile: ServerProfile) throws {
        let server = try APIServer()
        defer { server.stop() }
        let test = try LoopTest()
        func run(_ condition: () -> Bool) -> Bool { test.run(until: condition) }
        func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ana", name: name) }

        for number in 0..<600 { try server.put(ClusterObjects.service("s\(number)")) }
        try server.put(ClusterObjects.service("a"))
        try server.put(ClusterObjects.slice("a-1", of: "a"))
        try server.put(ClusterObjects.gatewayClass("weir", controller: "weir.dev/gateway-controller"))
        try server.put(ClusterObjects.gateway("edge", className: "weir"))
        try server.put(ClusterObjects.route("web", parents: ["Gateway/edge"]))
        try server.put(Self.grant("first"))
        server.use(profile)

        // It starts.
        let client = try test.client(server)
        let source = ClusterSource(transport: client, name: server.url, scope: .cluster(endpoints: true))
        source.start(on: test.loop) { _ in }
        #expect(run { source.isKnown })
        #expect(source.resources.services.count == 601 && source.resources.endpointSlices.count == 1)
        #expect(source.resources.gatewayClasses.count == 1 && source.resources.gateways.count == 1)
        #expect(source.resources.httpRoutes.count == 1 && source.resources.referenceGrants.count == 1)

        // It sees changes.
        try server.put(ClusterObjects.service("b", port: 81))
        server.delete("httproutes", key("web"))
        #expect(run { source.resources.services[key("b")]?.ports.first?.port == 81 })
        #expect(run { source.resources.httpRoutes.isEmpty })

        // A connection breaks, then the server goes and comes back.
        server.cutWatches()
        try server.put(ClusterObjects.service("b", port: 82))
        #expect(run { source.resources.services[key("b")]?.ports.first?.port == 82 })
        try server.goDown()
        try server.put(ClusterObjects.service("b", port: 83))
        try server.comeUp()
        source.reload()
        #expect(run { source.resources.services[key("b")]?.ports.first?.port == 83 })

        // Its history is gone: the next watch is too late, and what changed meanwhile comes by a list.
        try server.goDown()
        server.delete("services", key("b"))
        try server.put(ClusterObjects.slice("a-2", of: "a", address: "10.1.0.2"))
        try server.comeUp(forgetsHistory: true)
        source.reload()
        #expect(run { source.resources.services[key("b")] == nil && source.resources.endpointSlices.count == 2 })
        #expect(source.resources.services.count == 601)
        #expect(run { source.isHealthy && source.problems == [] })
        #expect(Self.isSpokenTo(server, as: profile))
    }

    /// The profile was met: otherwise the run says nothing of it.
    private static func isSpokenTo(_ server: APIServer, as profile: ServerProfile) -> Bool {
        let requests = server.requests
        let hasPages = requests.contains { $0.query.contains("continue=") }
        let refusals = requests.count { $0.status == 429 }
        let expired = requests.contains { $0.isWatch && $0.status == 410 }
        return hasPages == profile.hasPages && refusals == profile.initialRefusals
            && expired == (profile.expiry == .status)
    }

    private static func grant(_ name: String) -> Node {
        .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
            "metadata": ClusterObjects.meta(name, "ana"),
            "spec": .mapping([
                "from": [
                    .mapping(["group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "ian"])
                ],
                "to": [.mapping(["group": "", "kind": "Service"])],
            ]),
        ])
    }

    @Test func everyReleaseOfThreeYearsHasItsProfile() {
        #expect(Set(ServerProfile.all.map(\.minor)).isSuperset(of: 28...36))
    }
}
