import APIServer
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

@Suite struct NamedObjectsTests {
    private static let kind = APIKind(group: "", versions: ["v1"], plural: "configmaps", kind: "ConfigMap")
    private static let a = ObjectKey(namespace: "ana", name: "a")
    private static let b = ObjectKey(namespace: "ana", name: "b")

    /// One watch for each object, and one watch for all of them.
    @Test(arguments: [8, 0]) func whatIsWantedIsKnown(watchLimit: Int) throws {
        let server = try APIServer()
        defer { server.stop() }
        try server.put(yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ana}, data: {x: '1'}}")
        try server.put(yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: ana}}")
        let loop = try EventLoop()
        let url = try #require(ServerURL(server.url))
        let client = APIClient(ClusterConfiguration(server: url, origin: "test"), loop: loop, userAgent: "weir/test")
        var changes = 0
        let objects = NamedObjects(transport: client, loop: loop, kind: Self.kind, watchLimit: watchLimit) { _ in
            changes += 1
        }
        defer { objects.stop() }
        func value() -> String? {
            guard case .found(let object) = objects.state(Self.a) else { return nil }
            return object.at("data.x")?.stringValue
        }
        #expect(objects.state(Self.a) == .unknown)
        objects.want([Self.a, Self.b])
        #expect(loop.run(until: { value() == "1" && objects.state(Self.b) == .absent }))
        try server.put(yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ana}, data: {x: '2'}}")
        #expect(loop.run(until: { value() == "2" }))
        server.delete("configmaps", Self.a)
        #expect(loop.run(until: { objects.state(Self.a) == .absent }))
        #expect(changes == 4)
        objects.want([Self.b])
        #expect(objects.state(Self.a) == .unknown)
    }

    @Test func whatMayNotBeReadSaysSo() throws {
        let server = try APIServer()
        defer { server.stop() }
        server.inject(.failure(403, on: "configmaps", count: nil))
        let loop = try EventLoop()
        let url = try #require(ServerURL(server.url))
        let client = APIClient(ClusterConfiguration(server: url, origin: "test"), loop: loop, userAgent: "weir/test")
        let objects = NamedObjects(transport: client, loop: loop, kind: Self.kind) { _ in }
        defer { objects.stop() }
        objects.want([Self.a])
        #expect(
            loop.run(until: {
                if case .unreadable = objects.state(Self.a) { true } else { false }
            }))
    }
}
