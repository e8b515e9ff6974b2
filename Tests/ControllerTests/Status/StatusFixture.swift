import GatewayAPI
import Kubernetes
import Reactor
import Routing

@testable import Controller

/// Objects, reports and a server of statuses for the tests of the status writer.
enum StatusFixture {
    static let now = "2026-01-02T03:04:05Z"
    static let later = "2026-01-02T04:00:00Z"

    static func condition(
        _ type: String, _ status: Bool = true, _ reason: String? = nil, _ message: String = "", generation: Int64 = 1
    ) -> Condition {
        Condition(
            type: type, status: status, reason: reason ?? type, message: message, observedGeneration: generation)
    }

    static func parent(
        _ name: String, namespace: String? = nil, section: String? = nil,
        controller: String = RoutePlanner.gatewayController, _ conditions: [Condition]? = nil, generation: Int64 = 1
    ) -> RouteParentStatus {
        RouteParentStatus(
            parentRef: ParentReference(namespace: namespace, name: name, sectionName: section),
            controllerName: controller,
            conditions: conditions
                ?? [condition("Accepted", generation: generation), condition("ResolvedRefs", generation: generation)])
    }

    /// An entry as another controller has it.
    static func foreignEntry(_ name: String) -> Node {
        .mapping([
            "parentRef": .mapping(["name": .string(name), "kind": "Gateway", "group": "gateway.networking.k8s.io"]),
            "controllerName": "example.com/other", "x-other": "kept",
            "conditions": [
                .mapping([
                    "type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "observedGeneration": 9,
                    "lastTransitionTime": .string(now),
                ])
            ],
        ])
    }

    static func status(_ members: [(String, [Node])]) -> Node {
        Node(.mapping(members.map { Node.Entry(key: $0.0, value: .sequence($0.1)) }))
    }

    /// What a merge patch of lists leaves.
    static func patched(_ status: Node, _ patch: Node?) -> Node {
        var status = status
        for entry in patch?.members ?? [] { status.set(entry.key, entry.value) }
        return status
    }

    static func words(_ conditions: Node?) -> [String] {
        (conditions?.elements ?? []).map {
            "\($0["type"]?.stringValue ?? "")=\($0["status"]?.stringValue ?? "")/\($0["reason"]?.stringValue ?? "")"
                + "@\($0["lastTransitionTime"]?.stringValue ?? "")"
        }
    }

    static func names(_ status: Node?) -> [String] {
        (status?["parents"]?.elements ?? []).map { $0["parentRef"]?["name"]?.stringValue ?? "" }
    }

    static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "shop", name: name) }

    static func route(_ name: String, generation: Int64 = 1, version: Int, status: Node? = nil) -> Node {
        var node: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": .mapping([
                "name": .string(name), "namespace": "shop", "generation": .integer(generation),
                "resourceVersion": .string(String(version)),
            ]),
        ])
        node.set("status", status)
        return node
    }

    static func report(_ routes: [String: [RouteParentStatus]]) -> StatusReport {
        var report = StatusReport()
        for (name, parents) in routes { report.httpRoutes[key(name)] = parents }
        return report
    }
}

/// A server of HTTPRoutes' statuses: answers in the loop's next turn, checks the resource version, tells a watch.
final class StatusServer: APITransport {
    private final class Call: APICall {
        var isCancelled = false
        func cancel() { isCancelled = true }
    }

    struct Write {
        var path: String
        var body: Node
    }

    let reconnection = Reconnection()
    private let loop: EventLoop
    private(set) var objects: [String: Node] = [:]
    private(set) var writes: [Write] = []
    private(set) var underWay = 0
    private(set) var mostUnderWay = 0
    /// Answers in the place of the store when it returns something.
    var fault: (Write) -> Result<APIResponse, APIError>? = { _ in nil }
    /// The watch: told of every change.
    var onChange: (Node) -> Void = { _ in }
    /// Whether answers to writes carry the object.
    var answersWithObject = true
    /// Nanoseconds until an answer.
    var latency: UInt64 = 0
    private var version = 1000

    init(loop: EventLoop) { self.loop = loop }

    static func path(_ name: String) -> String {
        "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/\(name)/status"
    }

    /// Puts an object as somebody else does, and tells the watch.
    func put(_ name: String, generation: Int64 = 1, status: Node? = nil) {
        version += 1
        let object = StatusFixture.route(name, generation: generation, version: version, status: status)
        objects[Self.path(name)] = object
        onChange(object)
    }

    func remove(_ name: String) { objects[Self.path(name)] = nil }

    func status(_ name: String) -> Node? { objects[Self.path(name)]?["status"] }

    func writes(of name: String) -> Int { writes.count { $0.path == Self.path(name) } }

    @discardableResult
    func send(_ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void) -> any APICall {
        let call = Call()
        underWay += 1
        mostUnderWay = max(mostUnderWay, underWay)
        loop.after(latency) { [self] in
            underWay -= 1
            guard !call.isCancelled else { return }
            done(answer(request))
        }
        return call
    }

    @discardableResult
    func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall { Call() }

    private func answer(_ request: APIRequest) -> Result<APIResponse, APIError> {
        let body = (try? JSONReader.node(request.body)) ?? .mapping([:])
        let write = Write(path: request.path, body: body)
        writes.append(write)
        if let fault = fault(write) { return fault }
        guard request.method == .patch, request.contentType == .mergePatch, var object = objects[request.path] else {
            return .success(APIResponse(status: 404, body: []))
        }
        guard object["metadata"]?["resourceVersion"] == body["metadata"]?["resourceVersion"] else {
            return .success(APIResponse(status: 409, body: []))
        }
        version += 1
        object.update("metadata") { $0.set("resourceVersion", .string(String(self.version))) }
        object.set("status", StatusFixture.patched(object["status"] ?? .mapping([:]), body["status"]))
        objects[request.path] = object
        onChange(object)
        return .success(APIResponse(status: 200, body: answersWithObject ? object.json : []))
    }
}
