import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// What a Gateway needs is made, kept as it is wanted, and made by the leader alone.
@Suite struct ProvisionerTests {
    private typealias World = ProvisionerWorld

    @Test func everythingIsMadeOnceAndThenLeftAlone() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        #expect(Set(world.api.objects.keys) == [World.service, World.deployment, World.account])
        #expect(world.provisioner.counters.applied == 3)
        world.provisioner.setPlans([World.gateway: .hold])
        world.provisioner.setPlans([World.gateway: try World.plan()])
        #expect(world.settle())
        #expect(world.provisioner.counters.applied == 3)
    }

    @Test func nothingIsDoneWithoutLeadingOrBeforeEverythingIsKnown() throws {
        let world = try World()
        world.sync()
        world.set([World.gateway: try World.plan()])
        #expect(world.loop.run(milliseconds: 30) { !world.api.requests.isEmpty })
        let other = try World()
        other.provisioner.setActive(true)
        other.set([World.gateway: try World.plan()])
        #expect(other.loop.run(milliseconds: 30) { !other.api.requests.isEmpty })
        other.sync()
        #expect(other.loop.run(until: { other.api.objects.count == 3 }))
    }

    @Test func driftInOurFieldsIsRepairedAndOthersFieldsStay() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        world.api.change(World.deployment) { $0.update("spec") { $0.set("replicas", 7) } }
        #expect(world.settle())
        #expect(world.api.writes(World.deployment) == 1, "replicas are not ours")
        world.api.change(World.service) { $0.update("spec") { $0.set("selector", .mapping(["app": "mine"])) } }
        #expect(world.settle())
        #expect(
            world.api.objects[World.service]?.at("spec.selector")?["app.kubernetes.io/name"] == "weir-gateway")
        #expect(world.api.objects[World.deployment]?.at("spec.replicas") == 7)
    }

    @Test func whatIsDeletedComesBack() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        world.api.remove(World.service)
        #expect(world.settle())
        #expect(world.api.objects[World.service] != nil)
    }

    @Test func aServersOwnSpellingIsNoDrift() throws {
        let world = try World()
        world.api.mutate = { object in
            guard object["kind"] == "Service" else { return }
            object.update("spec") { $0.set("type", "loadbalancer") }
        }
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        let writes = world.api.writes(World.service)
        world.api.change(World.service) { $0.update("status") { $0.set("loadBalancer", .mapping([:])) } }
        #expect(world.settle())
        #expect(world.api.writes(World.service) == writes)
    }

    @Test func aRemovedFieldIsNoticedAfterARestart() throws {
        let world = try World()
        let labelled = try Gateways.request(
            "{gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}], infrastructure: {labels: {a: b}}}"
        )
        world.start([World.gateway: .objects(Gateways.objects(labelled))])
        #expect(world.settle())
        let next = Provisioner(transport: world.api, loop: world.loop, onChange: {})
        for (path, object) in world.api.objects {
            let kind = try #require(ManagedKinds.all.first { path.contains("/\($0.plural)/") })
            next.observe(kind, .changed(object))
        }
        for kind in ManagedKinds.all { next.observe(kind, .synced) }
        next.setActive(true)
        next.setPlans([World.gateway: try World.plan()])
        #expect(world.loop.run(until: { next.queueDepth == 0 }))
        #expect(next.counters.applied == 3)
    }

    @Test func aLabelTakenAwayIsPutBack() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        // The watch, which asks for the label, tells that the object has gone.
        let muted = world.api.onChange
        world.api.onChange = { _, _ in }
        world.api.change(World.service) { object in
            object.update("metadata") { $0.update("labels") { $0.set("app.kubernetes.io/managed-by", nil) } }
        }
        world.api.onChange = muted
        world.provisioner.observe(
            ManagedKinds.service, .removed(ObjectKey(namespace: "ana", name: "web-weir")))
        #expect(world.settle())
        let labels = world.api.objects[World.service]?.at("metadata.labels")
        #expect(labels?["app.kubernetes.io/managed-by"]?.stringValue == "weir-controller")
        #expect(world.provisioner.facts(of: World.gateway).failures == [])
    }

    @Test func aWritesAnswerDoesNotUndoWhatTheWatchToldAfterIt() throws {
        var inventory = ManagedInventory()
        func service(_ version: String, _ type: String) throws -> Node {
            try Gateways.node(
                """
                metadata: {name: a, namespace: b, resourceVersion: "\(version)", labels: {app.kubernetes.io/managed-by: weir-controller}}
                spec: {type: \(type)}
                """)
        }
        let id = try #require(inventory.insert(ManagedKinds.service, try service("11", "New")))
        _ = inventory.insert(ManagedKinds.service, try service("10", "Old"))
        #expect(inventory.entries[id]?.object.at("spec.type")?.stringValue == "New")
        _ = inventory.insert(ManagedKinds.service, try service("12", "Newer"))
        #expect(inventory.entries[id]?.object.at("spec.type")?.stringValue == "Newer")
    }

    @Test func anotherKindOfWorkloadTakesOverOnceItHasAPod() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        var parameters = GatewayParameters()
        parameters.workload = .daemonSet
        world.set([World.gateway: try World.plan(parameters)])
        #expect(world.settle())
        #expect(world.api.objects[World.daemonSet] != nil)
        #expect(world.api.objects[World.deployment] != nil)
        world.api.change(World.daemonSet) { $0.set("status", .mapping(["numberAvailable": 1])) }
        #expect(world.settle())
        #expect(world.api.objects[World.deployment] == nil)
    }

    @Test func refusalsAreTriedAgainAndSaid() throws {
        let world = try World()
        world.api.fault = { request in
            request.method == .patch && request.path == World.service
                ? .success(APIResponse(status: 422, body: Array("{\"message\":\"no such class\"}".utf8))) : nil
        }
        world.start([World.gateway: try World.plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: World.gateway).failures.isEmpty }))
        #expect(
            world.provisioner.facts(of: World.gateway).failures == [
                "Service ana/web-weir cannot be written: 422, no such class; tried again"
            ])
        world.api.fault = { _ in nil }
        #expect(world.settle())
        #expect(world.provisioner.facts(of: World.gateway).failures == [])
        #expect(world.api.objects[World.service] != nil)
    }

    @Test func whoStopsLeadingStopsWriting() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        world.provisioner.setActive(false)
        #expect(world.loop.run(milliseconds: 30) { !world.api.objects.isEmpty })
    }

    @Test func aNewTermWaitsForItsOwnPlan() throws {
        let world = try World()
        world.start([World.gateway: try World.plan()])
        #expect(world.settle())
        world.provisioner.setActive(false)
        // Another leader provisions a Gateway meanwhile, and drops one object of ours.
        let other = try Gateways.plain(name: "new")
        for object in Gateways.objects(other) { world.api.put(object.id.path, object.content) }
        world.api.remove(World.service)
        let made = world.api.objects
        let before = world.api.requests.count
        world.provisioner.setActive(true)
        #expect(world.loop.run(milliseconds: 50) { world.api.requests.count > before })
        #expect(world.api.objects == made)
        world.set([World.gateway: try World.plan(), other.key: .objects(Gateways.objects(other))])
        #expect(world.settle())
        #expect(world.api.objects.count == 6)
        #expect(world.provisioner.counters.deleted == 0)
    }
}
