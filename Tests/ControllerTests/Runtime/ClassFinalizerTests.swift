import APIServer
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// GatewayClasses do not go while Gateways name them.
@Suite struct ClassFinalizerTests {
    private static let name = "gateway-exists-finalizer.gateway.networking.k8s.io"
    private static let ours = ObjectKey(namespace: "", name: "weir")
    private static let theirs = ObjectKey(namespace: "", name: "other")

    private static let classes = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: weir, finalizers: [example.com/kept]}
        spec: {controllerName: weir.dev/gateway-controller}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: other}
        spec: {controllerName: example.com/controller}

        """ + GatewayManifests.gateway("foreign", in: "ana", className: "other")

    private static func finalizers(_ world: ControllerWorld, _ key: ObjectKey = ours) -> [String]? {
        world.server.get("gatewayclasses", key).map { $0.at("metadata.finalizers")?.texts ?? [] }
    }

    private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ana", name: name) }

    @Test func itComesWithTheFirstGatewayAndGoesWithTheLast() throws {
        let world = try ControllerWorld(Self.classes)
        world.start()
        #expect(world.waits { world.condition("Accepted", of: world.server.get("gatewayclasses", Self.ours)) != nil })
        #expect(Self.finalizers(world) == ["example.com/kept"])
        try world.server.put(yaml: GatewayManifests.gateway("one", in: "ana"))
        #expect(world.waits { Self.finalizers(world) == ["example.com/kept", Self.name] })
        // One that cannot be read is one all the same.
        try world.server.put(yaml: GatewayManifests.gateway("two", in: "ana", listeners: "none"))
        #expect(world.waits { world.server.get("deployments", Self.key("one-weir")) != nil })
        world.server.delete("gateways", Self.key("one"))
        #expect(world.waits { world.server.get("deployments", Self.key("one-weir")) == nil })
        #expect(Self.finalizers(world) == ["example.com/kept", Self.name])
        world.server.delete("gateways", Self.key("two"))
        #expect(world.waits { Self.finalizers(world) == ["example.com/kept"] })
        #expect(Self.finalizers(world, Self.theirs) == [])
        #expect(world.server.writes(of: "gatewayclasses", Self.theirs) == 0)
        world.controller.stop()
    }

    @Test func aClassThatIsDeletedGoesWithItsLastGateway() throws {
        let world = try ControllerWorld(Self.classes + GatewayManifests.gateway("one", in: "ana"))
        try world.server.change("gatewayclasses", Self.ours) { object in
            object.update("metadata") { $0.set("finalizers", nil) }
        }
        world.start()
        #expect(world.waits { Self.finalizers(world) == [Self.name] })
        world.server.delete("gatewayclasses", Self.ours)
        #expect(world.waits { world.server.get("deployments", Self.key("one-weir")) != nil })
        #expect(world.server.get("gatewayclasses", Self.ours)?.at("metadata.deletionTimestamp") != nil)
        world.server.delete("gateways", Self.key("one"))
        #expect(world.waits { world.server.get("gatewayclasses", Self.ours) == nil })
        world.controller.stop()
    }

    @Test func whoDoesNotLeadLeavesClassesAlone() throws {
        let world = try ControllerWorld(Self.classes + GatewayManifests.gateway("one", in: "ana"))
        world.controller.start()
        #expect(world.waits { world.controller.isSynced })
        #expect(world.loop.run(milliseconds: 300) { Self.finalizers(world)?.contains(Self.name) ?? true })
        world.controller.setActive(true)
        #expect(world.waits { Self.finalizers(world)?.contains(Self.name) == true })
        world.controller.stop()
    }

    @Test func aPatchHoldsForTheVersionThatItWasMadeFrom() throws {
        func object(_ metadata: String) throws -> ClassFinalizer {
            ClassFinalizer(try Gateways.node("{apiVersion: gateway.networking.k8s.io/v1beta1, metadata: \(metadata)}"))
        }
        let bare = try object("{name: weir, resourceVersion: \"7\"}")
        #expect(bare.version == "v1beta1")
        #expect(bare.patch(isWanted: false) == nil)
        #expect(
            bare.patch(isWanted: true)?.jsonText
                == #"{"metadata":{"resourceVersion":"7","finalizers":["\#(Self.name)"]}}"#)
        let ending = #"{resourceVersion: "8", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [x]}"#
        #expect(try object(ending).patch(isWanted: true) == nil)
        #expect(try object("{finalizers: [\(Self.name)]}").patch(isWanted: false) == nil)
        let held = try object("{resourceVersion: \"9\", finalizers: [x, \(Self.name), z]}")
        #expect(held.patch(isWanted: true) == nil)
        #expect(
            held.patch(isWanted: false)?.jsonText == #"{"metadata":{"resourceVersion":"9","finalizers":["x","z"]}}"#)
    }

    /// Somebody else adds a finalizer at the same time: neither is lost.
    @Test func aConflictLosesNobodysFinalizer() throws {
        let world = try ControllerWorld(Self.classes + GatewayManifests.gateway("one", in: "ana"))
        world.server.inject(.failure(409, reason: "Conflict", method: "PATCH", on: "/gatewayclasses/weir?"))
        world.start()
        #expect(
            world.waits {
                world.server.requests.contains { $0.path.hasSuffix("/gatewayclasses/weir") && $0.status == 409 }
            })
        try world.server.change("gatewayclasses", Self.ours) { object in
            object.update("metadata") { $0.set("finalizers", ["example.com/kept", "example.com/new"]) }
        }
        #expect(world.waits { Self.finalizers(world) == ["example.com/kept", "example.com/new", Self.name] })
        world.controller.stop()
    }
}
