import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// What is a Gateway's goes with it; what is somebody else's stays.
@Suite struct ProvisionerOwnershipTests {
    private typealias World = ProvisionerWorld

    @Test func aForeignObjectOfTheNameIsLeftAloneAndReported() throws {
        let world = try World()
        let foreign = try Gateways.node(
            "{kind: Service, metadata: {name: web-weir, namespace: ana}, spec: {type: ClusterIP}}")
        world.api.put(World.service, foreign)
        world.start([World.gateway: try World.plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: World.gateway).failures.isEmpty }))
        #expect(world.api.objects[World.service]?.at("spec.type")?.stringValue == "ClusterIP")
        #expect(world.api.writes(World.service) == 0)
        #expect(
            world.provisioner.facts(of: World.gateway).failures == [
                "Service ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
    }

    @Test func twoGatewaysOfOneNameDoNotFight() throws {
        let world = try World()
        // a-b + c and a + b-c make the same name.
        let first = try Gateways.request(
            "{gatewayClassName: b-c, listeners: [{name: http, port: 80, protocol: HTTP}]}", name: "a")
        let second = try Gateways.request(
            "{gatewayClassName: c, listeners: [{name: http, port: 81, protocol: HTTP}]}", name: "a-b")
        world.start([
            first.key: .objects(Gateways.objects(first)), second.key: .objects(Gateways.objects(second)),
        ])
        #expect(world.settle())
        #expect(world.api.objects["/api/v1/namespaces/ana/services/a-b-c"]?.at("spec.ports.0.port") == 80)
        #expect(world.provisioner.facts(of: first.key).failures == [])
        #expect(world.provisioner.facts(of: second.key).failures.contains("Service ana/a-b-c is Gateway ana/a's"))
    }

    @Test func aCopyWithTheMarksButWithoutTheOwnerIsNotDeleted() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        let copy = World.deployment + "-copy"
        var object = try #require(world.api.objects[World.deployment])
        object.update("metadata") { metadata in
            metadata.set("name", "web-weir-copy")
            metadata.set("uid", nil)
            metadata.set("ownerReferences", nil)
        }
        world.api.put(copy, object)
        world.set([:])
        #expect(world.settle())
        #expect(Array(world.api.objects.keys) == [copy])
    }

    @Test func aMarkedObjectThatIsNobodysIsNotTakenOver() throws {
        let world = try World()
        let foreign = try Gateways.node(
            """
            kind: Service
            metadata: {name: web-weir, namespace: ana, labels: {app.kubernetes.io/managed-by: weir-controller}}
            spec: {type: ClusterIP}
            """)
        world.api.put(World.service, foreign)
        world.start([World.gateway: try World.plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: World.gateway).failures.isEmpty }))
        #expect(world.api.writes(World.service) == 0)
        #expect(
            world.provisioner.facts(of: World.gateway).failures == [
                "Service ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
    }

    @Test func whatServesAGatewayGoesOnlyWhenTheServerSaysThatThereIsNone() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        func isTried(_ answer: Result<APIResponse, APIError>?) throws -> Bool {
            let before = world.provisioner.counters.errors
            world.api.fault = { $0.path.hasSuffix("/gateways/web") ? answer : nil }
            world.set([World.gateway: try World.plan()])
            world.set([:])
            // One attempt for each of the objects.
            return world.loop.run(until: { world.provisioner.counters.errors >= before + 3 })
        }
        // The watch has lost it, the server has not.
        world.api.put(World.object, try Gateways.node("metadata: {name: web, namespace: ana, uid: u-1}"))
        #expect(try isTried(nil))
        #expect(world.api.objects.count == 4)
        for body in ["404 page not found", "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":{}}"] {
            #expect(try isTried(.success(APIResponse(status: 404, body: Array(body.utf8)))))
        }
        #expect(try isTried(.success(APIResponse(status: 403, body: []))))
        #expect(try isTried(.failure(.timedOut)))
        #expect(world.api.objects.count == 4)
        #expect(world.provisioner.counters.deleted == 0)
        // Another Gateway has the name: what the earlier one owned goes.
        world.api.fault = { _ in nil }
        world.api.put(World.object, try Gateways.node("metadata: {name: web, namespace: ana, uid: u-2}"))
        world.set([World.gateway: try World.plan()])
        world.set([:])
        #expect(world.loop.run(until: { world.api.objects.count == 1 }))
    }

    @Test func aGatewayGivenToAnotherControllerLosesItsObjects() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        world.set([World.gateway: .hold])
        world.set([World.gateway: .objects([])])
        #expect(world.settle())
        #expect(world.api.objects.isEmpty)
    }

    @Test func whatAGatewayNoLongerNeedsGoesWithIt() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        world.set([World.gateway: .hold])
        #expect(world.settle())
        #expect(world.api.objects.count == 3, "held, not removed")
        world.set([:])
        #expect(world.settle())
        #expect(world.api.objects.isEmpty)
    }
}
