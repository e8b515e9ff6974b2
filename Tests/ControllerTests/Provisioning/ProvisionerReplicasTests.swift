import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// The number of pods, which is handed over to whoever scales them.
@Suite struct ProvisionerReplicasTests {
    private typealias World = ProvisionerWorld

    /// A gateway's Deployment of four pods, whose number is ours.
    private func owningReplicas() throws -> World {
        let world = try World()
        var parameters = GatewayParameters()
        parameters.replicas = 4
        world.start([World.gateway: try World.plan(parameters)])
        #expect(world.settle())
        world.api.change(World.deployment) { $0.update("metadata") { $0.set("managedFields", [Self.ownsReplicas]) } }
        #expect(world.settle())
        return world
    }

    @Test func replicasThatAreNoLongerOursKeepTheirNumber() throws {
        let world = try owningReplicas()
        var patches: [(manager: String?, replicas: Int64?)] = []
        world.api.fault = { request in
            guard request.path == World.deployment, request.method == .patch else { return nil }
            let body = try? JSONReader.node(request.body)
            patches.append(
                (request.query.first { $0.0 == "fieldManager" }?.1, body?.at("spec.replicas")?.integerValue))
            return nil
        }
        world.set([World.gateway: try World.plan()])
        #expect(world.settle())
        #expect(patches.map(\.manager) == ["weir-controller-replicas", "weir-controller"])
        #expect(patches.map(\.replicas) == [4, nil])
        // It is somebody else's now: nothing is handed over twice.
        world.api.change(World.deployment) { $0.update("metadata") { $0.set("managedFields", []) } }
        var parameters = GatewayParameters()
        parameters.logLevel = "debug"
        world.set([World.gateway: try World.plan(parameters)])
        #expect(world.settle())
        #expect(patches.map(\.manager).dropFirst(2) == ["weir-controller"])
    }

    private static let ownsReplicas: Node = .mapping([
        "manager": "weir-controller", "operation": "Apply",
        "fieldsV1": .mapping(["f:spec": .mapping(["f:replicas": .mapping([:])])]),
    ])

    @Test func whoTakesTheReplicasFirstIsNoFailure() throws {
        let world = try owningReplicas()
        // An autoscaler has been there since our last look.
        world.api.fault = { request in
            guard request.query.contains(where: { $0 == ("fieldManager", "weir-controller-replicas") }) else {
                return nil
            }
            return .success(APIResponse(status: 409, body: []))
        }
        world.set([World.gateway: try World.plan()])
        #expect(world.settle())
        #expect(world.provisioner.failures.isEmpty)
        world.api.change(World.deployment) {
            $0.update("spec") { $0.set("replicas", 7) }
            $0.update("metadata") { $0.set("managedFields", []) }
        }
        #expect(world.settle())
        #expect(world.api.objects[World.deployment]?.at("spec.replicas") == 7)
    }
}
