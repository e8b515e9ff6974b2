import APIServer
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// The controller's parts together, over real sockets, against an API server of the tests.
final class ControllerWorld {
    let server: APIServer
    let loop: EventLoop
    let controller: ClusterController
    private let client: APIClient

    /// - Parameters:
    ///   - text: YAML of what is in the cluster at the beginning.
    ///   - planner: what plans, on a thread of its own.
    ///   - plurals: of kinds that the server does not have.
    init(_ text: String, planner: ClusterPlanner = ClusterPlanner(), without plurals: Set<String> = []) throws {
        server = try APIServer(without: plurals)
        try server.put(yaml: text)
        let loop = try EventLoop()
        self.loop = loop
        let url = try #require(ServerURL(server.url))
        client = APIClient(ClusterConfiguration(server: url, origin: "test"), loop: loop, userAgent: "weir/test")
        controller = try Self.controller(client, loop, planner)
    }

    deinit { server.stop() }

    func start() {
        controller.start()
        controller.setActive(true)
    }

    /// Another one beside the first, as after a change of leaders.
    func makeController() throws -> ClusterController { try Self.controller(client, loop, ClusterPlanner()) }

    func waits(_ condition: () -> Bool) -> Bool { loop.run(until: condition) }

    func condition(_ type: String, of object: Node?) -> Node? {
        object?.at("status.conditions")?.elements.first { $0["type"]?.stringValue == type }
    }

    /// Why a Gateway is not programmed, or that it is.
    func programmedMessage(of gateway: ObjectKey) -> String? {
        condition("Programmed", of: server.get("gateways", gateway))?["message"]?.stringValue
    }

    private static func controller(
        _ client: APIClient, _ loop: EventLoop, _ planner: ClusterPlanner
    ) throws -> ClusterController {
        try ClusterController(
            transport: client, loop: loop, settings: ProvisioningSettings(image: "weir:1"), planner: planner)
    }
}
