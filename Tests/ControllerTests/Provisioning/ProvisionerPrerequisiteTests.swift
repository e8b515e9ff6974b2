import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// Roles and their bindings: in order, and nobody else's.
@Suite struct ProvisionerPrerequisiteTests {
    private typealias World = ProvisionerWorld

    @Test func permissionsInOtherNamespacesAreKnownByWhoAppliedThem() throws {
        let world = try World()
        let request = try Gateways.plain()
        let secret = ObjectKey(namespace: "bea", name: "tls")
        world.start([World.gateway: .objects(Gateways.objects(request, certificates: [secret]))])
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
        world.set([World.gateway: try World.plan()])
        #expect(world.settle())
        #expect(world.api.objects[path] == nil)
        #expect(world.api.objects.keys.contains { $0.hasSuffix("/roles/copy") })
        #expect(world.provisioner.facts(of: World.gateway).failures == [])
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
        world.start([World.gateway: .objects(wanted)])
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
        world.start([World.gateway: .objects(Gateways.objects(try Gateways.plain(), certificates: [secret]))])
        #expect(world.loop.run(until: { !world.provisioner.facts(of: World.gateway).failures.isEmpty }))
        #expect(world.loop.run(until: { world.api.objects[World.deployment] != nil }))
        #expect(
            world.provisioner.facts(of: World.gateway).failures == [
                "Role ana/web-weir exists and was not made for this Gateway; it is left alone"
            ])
        #expect(!world.api.requests.contains { $0.path.contains("/rolebindings/") })
    }
}
