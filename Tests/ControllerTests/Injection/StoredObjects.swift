import GatewayAPI
import Kubernetes
import Reactor

/// An API server as far as a handful of single objects goes: get, create, replace, merge patch, resource versions.
/// Answers in the loop's next turn, as a real one would not before.
final class StoredObjects: APITransport {
    final class Call: APICall {
        var isCancelled = false
        func cancel() { isCancelled = true }
    }

    let reconnection = Reconnection()
    private(set) var objects: [String: Node] = [:]
    private(set) var requests: [String] = []
    /// Answered instead, in order; nil lets one through.
    var faults: [Result<APIResponse, APIError>?] = []
    private var version = 0
    private let loop: EventLoop

    init(loop: EventLoop) { self.loop = loop }

    func put(_ path: String, _ object: Node) {
        version += 1
        var object = object
        let text = String(version)
        object.update("metadata") { $0.set("resourceVersion", .string(text)) }
        objects[path] = object
    }

    func remove(_ path: String) { objects[path] = nil }

    func send(_ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void) -> any APICall {
        let call = Call()
        requests.append("\(request.method.rawValue) \(request.path)")
        loop.after(0) { [self] in
            guard !call.isCancelled else { return }
            if !faults.isEmpty, let fault = faults.removeFirst() { return done(fault) }
            done(.success(answer(request)))
        }
        return call
    }

    func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall { send(request, done) }

    private func answer(_ request: APIRequest) -> APIResponse {
        let body = (try? JSONReader.node(request.body)) ?? Node(.null)
        var path = request.path
        if request.method == .post { path += "/" + (body["metadata"]?["name"]?.stringValue ?? "") }
        let stored = objects[path]
        let sent = body["metadata"]?["resourceVersion"]
        let conflicts = sent != nil && sent != stored?["metadata"]?["resourceVersion"]
        switch (request.method, stored) {
        case (.post, nil): put(path, body)
        case (.put, .some) where !conflicts: put(path, body)
        case (.patch, let stored?) where !conflicts: put(path, Self.merged(body, into: stored))
        case (.post, .some), (.put, .some), (.patch, .some): return APIResponse(status: 409, body: [])
        case (_, nil): return APIResponse(status: 404, body: [])
        default: break
        }
        return APIResponse(status: 200, body: objects[path]?.json ?? [])
    }

    private static func merged(_ patch: Node, into node: Node) -> Node {
        guard case .mapping(let members) = patch.value else { return patch }
        var node = node
        for member in members { node.set(member.key, merged(member.value, into: node[member.key] ?? .mapping([:]))) }
        return node
    }
}
