import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

@Suite struct ProvisionerTests {
    /// A provisioner between a fake API and its own watches.
    private final class World {
        let loop: EventLoop
        let api: FakeAPI
        let provisioner: Provisioner
        var plans: [ObjectKey: ProvisioningPlan] = [:]

        init() throws {
            let loop = try EventLoop()
            self.loop = loop
            api = FakeAPI(loop: loop)
            provisioner = Provisioner(transport: api, loop: loop, onChange: {})
            api.onChange = { [unowned self] path, object in
                guard let (kind, key) = World.kind(path) else { return }
                provisioner.observe(kind, object.map(WatchEvent.changed) ?? .removed(key))
            }
        }

        func sync() {
            for kind in ManagedKinds.all { provisioner.observe(kind, .synced) }
        }

        func start(_ plans: [ObjectKey: ProvisioningPlan]) {
            sync()
            provisioner.setActive(true)
            set(plans)
        }

        func set(_ plans: [ObjectKey: ProvisioningPlan]) {
            self.plans = plans
            provisioner.setPlans(plans)
        }

        /// Nothing is under way and nothing is due.
        func settle() -> Bool {
            loop.run(until: { self.provisioner.queueDepth == 0 })
        }

        private static func kind(_ path: String) -> (APIKind, ObjectKey)? {
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 4, let kind = ManagedKinds.all.first(where: { $0.plural == parts[parts.count - 2] })
            else { return nil }
            return (kind, ObjectKey(namespace: parts[parts.count - 3], name: parts[parts.count - 1]))
        }
    }

    private static let gateway = ObjectKey(namespace: "ana", name: "web")
    private static let service = "/api/v1/namespaces/ana/services/web-weir"
    private static let deployment = "/apis/apps/v1/namespaces/ana/deployments/web-weir"
    private static let daemonSet = "/apis/apps/v1/namespaces/ana/daemonsets/web-weir"
    private static let object = "/apis/gateway.networking.k8s.io/v1/namespaces/ana/gateways/web"
    private static let account = "/api/v1/namespaces/ana/serviceaccounts/web-weir"

    private func plan(_ parameters: GatewayParameters = GatewayParameters()) throws -> ProvisioningPlan {
        .objects(Gateways.objects(try Gateways.plain(), parameters: parameters))
    }

    @Test func everythingIsMadeOnceAndThenLeftAlone() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        #expect(Set(world.api.objects.keys) == [Self.service, Self.deployment, Self.account])
        #expect(world.provisioner.counters.applied == 3)
        world.provisioner.setPlans([Self.gateway: .hold])
        world.provisioner.setPlans([Self.gateway: try plan()])
        #expect(world.settle())
        #expect(world.provisioner.counters.applied == 3)
    }

    @Test func nothingIsDoneWithoutLeadingOrBeforeEverythingIsKnown() throws {
        let world = try World()
        world.sync()
        world.set([Self.gateway: try plan()])
        #expect(world.loop.run(until: { !world.api.requests.isEmpty }, milliseconds: 30) == false)
        let other = try World()
        other.provisioner.setActive(true)
        other.set([Self.gateway: try plan()])
        #expect(other.loop.run(until: { !other.api.requests.isEmpty }, milliseconds: 30) == false)
        other.sync()
        #expect(other.loop.run(until: { other.api.objects.count == 3 }))
    }

    @Test func driftInOurFieldsIsRepairedAndOthersFieldsStay() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        world.api.change(Self.deployment) { $0.update("spec") { $0.set("replicas", 7) } }
        #expect(world.settle())
        #expect(world.api.writes(Self.deployment) == 1, "replicas are not ours")
        world.api.change(Self.service) { $0.update("spec") { $0.set("selector", .mapping(["app": "mine"])) } }
        #expect(world.settle())
        #expect(
            world.api.objects[Self.service]?.at("spec.selector")?["app.kubernetes.io/name"] == "weir-gateway")
        #expect(world.api.objects[Self.deployment]?.at("spec.replicas") == 7)
    }

    @Test func replicasThatAreNoLongerOursKeepTheirNumber() throws {
        let world = try World()
        var parameters = GatewayParameters()
        parameters.replicas = 4
        world.start([Self.gateway: try plan(parameters)])
        #expect(world.settle())
        world.api.change(Self.deployment) { $0.update("metadata") { $0.set("managedFields", [Self.ownsReplicas]) } }
        #expect(world.settle())
        var patches: [(manager: String?, replicas: Int64?)] = []
        world.api.fault = { request in
            guard request.path == Self.deployment, request.method == .patch else { return nil }
            let body = try? JSONReader.node(request.body)
            patches.append(
                (request.query.first { $0.0 == "fieldManager" }?.1, body?.at("spec.replicas")?.integerValue))
            return nil
        }
        world.set([Self.gateway: try plan()])
        #expect(world.settle())
        #expect(patches.map(\.manager) == ["weir-controller-replicas", "weir-controller"])
        #expect(patches.map(\.replicas) == [4, nil])
        // It is somebody else's now: nothing is handed over twice.
        world.api.change(Self.deployment) { $0.update("metadata") { $0.set("managedFields", []) } }
        parameters.replicas = nil
        parameters.logLevel = "debug"
        world.set([Self.gateway: try plan(parameters)])
        #expect(world.settle())
        #expect(patches.map(\.manager).dropFirst(2) == ["weir-controller"])
    }

    private static let ownsReplicas: Node = .mapping([
        "manager": "weir-controller", "operation": "Apply",
        "fieldsV1": .mapping(["f:spec": .mapping(["f:replicas": .mapping([:])])]),
    ])

    @Test func whoTakesTheReplicasFirstIsNoFailure() throws {
        let world = try World()
        var parameters = GatewayParameters()
        parameters.replicas = 4
        world.start([Self.gateway: try plan(parameters)])
        #expect(world.settle())
        world.api.change(Self.deployment) { $0.update("metadata") { $0.set("managedFields", [Self.ownsReplicas]) } }
        #expect(world.settle())
        // An autoscaler has been there since our last look.
        world.api.fault = { request in
            guard request.query.contains(where: { $0 == ("fieldManager", "weir-controller-replicas") }) else {
                return nil
            }
            return .success(APIResponse(status: 409, body: []))
        }
        world.set([Self.gateway: try plan()])
        #expect(world.settle())
        #expect(world.provisioner.failures.isEmpty)
        world.api.change(Self.deployment) {
            $0.update("spec") { $0.set("replicas", 7) }
            $0.update("metadata") { $0.set("managedFields", []) }
        }
        #expect(world.settle())
        #expect(world.api.objects[Self.deployment]?.at("spec.replicas") == 7)
    }

    @Test func whatIsDeletedComesBack() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        world.api.remove(Self.service)
        #expect(world.settle())
        #expect(world.api.objects[Self.service] != nil)
    }

    @Test func aServersOwnSpellingIsNoDrift() throws {
        let world = try World()
        world.api.mutate = { object in
            guard object["kind"] == "Service" else { return }
            object.update("spec") { $0.set("type", "loadbalancer") }
        }
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        let writes = world.api.writes(Self.service)
        world.api.change(Self.service) { $0.update("status") { $0.set("loadBalancer", .mapping([:])) } }
        #expect(world.settle())
        #expect(world.api.writes(Self.service) == writes)
    }

    @Test func aRemovedFieldIsNoticedAfterARestart() throws {
        let world = try World()
        let labelled = try Gateways.request(
            "{gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}], infrastructure: {labels: {a: b}}}"
        )
        world.start([Self.gateway: .objects(Gateways.objects(labelled))])
        #expect(world.settle())
        let next = Provisioner(transport: world.api, loop: world.loop, onChange: {})
        for (path, object) in world.api.objects {
            let kind = try #require(ManagedKinds.all.first { path.contains("/\($0.plural)/") })
            next.observe(kind, .changed(object))
        }
        for kind in ManagedKinds.all { next.observe(kind, .synced) }
        next.setActive(true)
        next.setPlans([Self.gateway: try plan()])
        #expect(world.loop.run(until: { next.queueDepth == 0 }))
        #expect(next.counters.applied == 3)
    }

    @Test func aForeignObjectOfTheNameIsLeftAloneAndReported() throws {
        let world = try World()
        let foreign = try Gateways.node(
            "{kind: Service, metadata: {name: web-weir, namespace: ana}, spec: {type: ClusterIP}}")
        world.api.put(Self.service, foreign)
        world.start([Self.gateway: try plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: Self.gateway).failures.isEmpty }))
        #expect(world.api.objects[Self.service]?.at("spec.type")?.stringValue == "ClusterIP")
        #expect(world.api.writes(Self.service) == 0)
        #expect(
            world.provisioner.facts(of: Self.gateway).failures == [
                "Service ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
    }

    @Test func aLabelTakenAwayIsPutBack() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        // The watch, which asks for the label, tells that the object has gone.
        let muted = world.api.onChange
        world.api.onChange = { _, _ in }
        world.api.change(Self.service) { object in
            object.update("metadata") { $0.update("labels") { $0.set("app.kubernetes.io/managed-by", nil) } }
        }
        world.api.onChange = muted
        world.provisioner.observe(
            ManagedKinds.service, .removed(ObjectKey(namespace: "ana", name: "web-weir")))
        #expect(world.settle())
        let labels = world.api.objects[Self.service]?.at("metadata.labels")
        #expect(labels?["app.kubernetes.io/managed-by"]?.stringValue == "weir-controller")
        #expect(world.provisioner.facts(of: Self.gateway).failures == [])
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

    @Test func whatAGatewayNoLongerNeedsGoesWithIt() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        world.set([Self.gateway: .hold])
        #expect(world.settle())
        #expect(world.api.objects.count == 3, "held, not removed")
        world.set([:])
        #expect(world.settle())
        #expect(world.api.objects.isEmpty)
    }

    @Test func anotherKindOfWorkloadTakesOverOnceItHasAPod() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        var parameters = GatewayParameters()
        parameters.workload = .daemonSet
        world.set([Self.gateway: try plan(parameters)])
        #expect(world.settle())
        #expect(world.api.objects[Self.daemonSet] != nil)
        #expect(world.api.objects[Self.deployment] != nil)
        world.api.change(Self.daemonSet) { $0.set("status", .mapping(["numberAvailable": 1])) }
        #expect(world.settle())
        #expect(world.api.objects[Self.deployment] == nil)
    }

    @Test func refusalsAreTriedAgainAndSaid() throws {
        let world = try World()
        world.api.fault = { request in
            request.method == .patch && request.path == Self.service
                ? .success(APIResponse(status: 422, body: Array("{\"message\":\"no such class\"}".utf8))) : nil
        }
        world.start([Self.gateway: try plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: Self.gateway).failures.isEmpty }))
        #expect(
            world.provisioner.facts(of: Self.gateway).failures == [
                "Service ana/web-weir cannot be written: 422, no such class; tried again"
            ])
        world.api.fault = { _ in nil }
        #expect(world.settle())
        #expect(world.provisioner.facts(of: Self.gateway).failures == [])
        #expect(world.api.objects[Self.service] != nil)
    }

    @Test func whoStopsLeadingStopsWriting() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        world.provisioner.setActive(false)
        #expect(world.loop.run(until: { !world.api.objects.isEmpty }, milliseconds: 30) == false)
    }

    @Test func aNewTermWaitsForItsOwnPlan() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        world.provisioner.setActive(false)
        // Another leader provisions a Gateway meanwhile, and drops one object of ours.
        let other = try Gateways.plain(name: "new")
        for object in Gateways.objects(other) { world.api.put(object.id.path, object.content) }
        world.api.remove(Self.service)
        let made = world.api.objects
        let before = world.api.requests.count
        world.provisioner.setActive(true)
        #expect(world.loop.run(until: { world.api.requests.count > before }, milliseconds: 50) == false)
        #expect(world.api.objects == made)
        world.set([Self.gateway: try plan(), other.key: .objects(Gateways.objects(other))])
        #expect(world.settle())
        #expect(world.api.objects.count == 6)
        #expect(world.provisioner.counters.deleted == 0)
    }

    @Test func whatServesAGatewayGoesOnlyWhenTheServerSaysThatThereIsNone() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        func isTried(_ answer: Result<APIResponse, APIError>?) throws -> Bool {
            let before = world.provisioner.counters.errors
            world.api.fault = { $0.path.hasSuffix("/gateways/web") ? answer : nil }
            world.set([Self.gateway: try plan()])
            world.set([:])
            // One attempt for each of the objects.
            return world.loop.run(until: { world.provisioner.counters.errors >= before + 3 }, milliseconds: 10_000)
        }
        // The watch has lost it, the server has not.
        world.api.put(Self.object, try Gateways.node("metadata: {name: web, namespace: ana, uid: u-1}"))
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
        world.api.put(Self.object, try Gateways.node("metadata: {name: web, namespace: ana, uid: u-2}"))
        world.set([Self.gateway: try plan()])
        world.set([:])
        #expect(world.loop.run(until: { world.api.objects.count == 1 }, milliseconds: 10_000))
    }

    @Test func aGatewayGivenToAnotherControllerLosesItsObjects() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        world.set([Self.gateway: .hold])
        world.set([Self.gateway: .objects([])])
        #expect(world.settle())
        #expect(world.api.objects.isEmpty)
    }

    @Test func aCopyWithTheMarksButWithoutTheOwnerIsNotDeleted() throws {
        let world = try World()
        world.start([Self.gateway: try plan()])
        #expect(world.settle())
        let copy = Self.deployment + "-copy"
        var object = try #require(world.api.objects[Self.deployment])
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
        world.api.put(Self.service, foreign)
        world.start([Self.gateway: try plan()])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: Self.gateway).failures.isEmpty }))
        #expect(world.api.writes(Self.service) == 0)
        #expect(
            world.provisioner.facts(of: Self.gateway).failures == [
                "Service ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
    }

    @Test func permissionsInOtherNamespacesAreKnownByWhoAppliedThem() throws {
        let world = try World()
        let request = try Gateways.plain()
        let secret = ObjectKey(namespace: "bea", name: "tls")
        world.start([Self.gateway: .objects(Gateways.objects(request, certificates: [secret]))])
        #expect(world.settle())
        let roles = world.api.objects.filter { $0.key.contains("/bea/roles/") }
        let (path, role) = try #require(roles.first)
        // Somebody's copy under another name.
        var copy = role
        copy.update("metadata") { metadata in
            metadata.set("name", "copy")
            metadata.set("managedFields", [.mapping(["manager": "kubectl-create", "operation": "Update"])])
        }
        world.api.put("/apis/rbac.authorization.k8s.io/v1/namespaces/bea/roles/copy", copy)
        world.set([Self.gateway: try plan()])
        #expect(world.settle())
        #expect(world.api.objects[path] == nil)
        #expect(world.api.objects.keys.contains { $0.hasSuffix("/roles/copy") })
        #expect(world.provisioner.facts(of: Self.gateway).failures == [])
    }

    @Test func aBindingIsWrittenAfterItsRole() throws {
        let world = try World()
        let role = "/apis/rbac.authorization.k8s.io/v1/namespaces/ana/roles/web-weir"
        let binding = role.replacing("/roles/", with: "/rolebindings/")
        let secret = ObjectKey(namespace: "ana", name: "tls")
        let wanted = Gateways.objects(try Gateways.plain(), certificates: [secret])
        // The Role takes a second attempt; without it the binding is refused, as a server does.
        var isFirst = true
        world.api.fault = { request in
            guard request.method == .patch, world.api.objects[role] == nil else { return nil }
            if request.path == binding { return .success(APIResponse(status: 404, body: [])) }
            guard request.path == role, isFirst else { return nil }
            isFirst = false
            return .success(APIResponse(status: 503, body: []))
        }
        world.start([Self.gateway: .objects(wanted)])
        #expect(world.settle())
        #expect(world.api.objects[binding] != nil)
        #expect(world.provisioner.counters.errors == 1)
        isFirst = true
        world.api.remove(role)
        world.api.remove(binding)
        #expect(world.settle())
        #expect(world.api.objects[binding] != nil)
        #expect(world.provisioner.counters.errors == 2)
    }

    @Test func aForeignRoleIsNotBound() throws {
        let world = try World()
        let role = "/apis/rbac.authorization.k8s.io/v1/namespaces/ana/roles/web-weir"
        world.api.put(role, try Gateways.node("{kind: Role, metadata: {name: web-weir, namespace: ana}, rules: []}"))
        let secret = ObjectKey(namespace: "ana", name: "tls")
        world.start([Self.gateway: .objects(Gateways.objects(try Gateways.plain(), certificates: [secret]))])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: Self.gateway).failures.isEmpty }))
        #expect(world.loop.run(until: { world.api.objects[Self.deployment] != nil }))
        #expect(
            world.provisioner.facts(of: Self.gateway).failures == [
                "Role ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
        #expect(!world.api.requests.contains { $0.path.contains("/rolebindings/") })
    }
}
