import GatewayAPI
import Kubernetes
import Reactor

@testable import Controller

/// An API server's objects in memory, behind the seam that the controller talks to. Answers come in the loop's next
/// turn.
final class FakeAPI: APITransport {
    final class Call: APICall {
        var isCancelled = false
        func cancel() { isCancelled = true }
    }

    struct Seen: Equatable {
        var method: APIRequest.Method
        var path: String
    }

    let reconnection = Reconnection()
    let loop: EventLoop
    private(set) var objects: [String: Node] = [:]
    private(set) var requests: [Seen] = []
    /// Told of each change: the path, and the object or nil when it is gone.
    var onChange: (String, Node?) -> Void = { _, _ in }
    /// Answers instead of the store when it returns something.
    var fault: (APIRequest) -> Result<APIResponse, APIError>? = { _ in nil }
    /// Puts the server's own mark on what is written.
    var mutate: (inout Node) -> Void = { _ in }
    private var version: Int64 = 100

    init(loop: EventLoop) { self.loop = loop }

    func put(_ path: String, _ object: Node) {
        version += 1
        var object = object
        object.update("metadata") { metadata in
            metadata.set("resourceVersion", .string(String(version)))
            if metadata["uid"] == nil { metadata.set("uid", .string("uid-\(version)")) }
        }
        objects[path] = object
        onChange(path, object)
    }

    func remove(_ path: String) {
        guard objects.removeValue(forKey: path) != nil else { return }
        onChange(path, nil)
    }

    func change(_ path: String, _ edit: (inout Node) -> Void) {
        guard var object = objects[path] else { return }
        edit(&object)
        put(path, object)
    }

    func writes(_ path: String) -> Int {
        requests.count { $0.path == path && $0.method != .get }
    }

    @discardableResult
    func send(_ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void) -> any APICall {
        let call = Call()
        requests.append(Seen(method: request.method, path: request.path))
        loop.after(0) { [unowned self] in
            guard !call.isCancelled else { return }
            done(fault(request) ?? .success(answer(request)))
        }
        return call
    }

    func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall {
        Call()
    }

    private func answer(_ request: APIRequest) -> APIResponse {
        switch request.method {
        case .get:
            return objects[request.path].map { ok($0) } ?? absent(request.path)
        case .post:
            guard let body = try? JSONReader.node(request.body), let name = body["metadata"]?["name"]?.stringValue
            else {
                return APIResponse(status: 400, body: [])
            }
            let path = "\(request.path)/\(name)"
            if objects[path] != nil { return APIResponse(status: 409, body: []) }
            return write(path, body)
        case .put:
            guard let body = try? JSONReader.node(request.body), let old = objects[request.path] else {
                return APIResponse(status: 404, body: [])
            }
            let expected = body["metadata"]?["resourceVersion"]
            if let expected, expected != old["metadata"]?["resourceVersion"] {
                return APIResponse(status: 409, body: [])
            }
            return write(request.path, body)
        case .patch:
            guard let body = try? JSONReader.node(request.body) else { return APIResponse(status: 400, body: []) }
            var object = objects[request.path].map { merged($0, body) } ?? body
            if let manager = request.query.first(where: { $0.0 == "fieldManager" })?.1 {
                let entry: Node = .mapping(["manager": .string(manager), "operation": "Apply"])
                object.update("metadata") { $0.set("managedFields", [entry]) }
            }
            return write(request.path, object)
        case .delete:
            remove(request.path)
            return APIResponse(status: 200, body: Array("{}".utf8))
        }
    }

    private func write(_ path: String, _ object: Node) -> APIResponse {
        var object = object
        mutate(&object)
        put(path, object)
        return objects[path].map { ok($0) } ?? APIResponse(status: 500, body: [])
    }

    private func absent(_ path: String) -> APIResponse {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let status: Node = .mapping([
            "kind": "Status", "reason": "NotFound", "message": .string("\(name) not found"),
            "details": .mapping(["name": .string(name)]),
        ])
        return APIResponse(status: 404, body: status.json)
    }

    private func ok(_ node: Node) -> APIResponse { APIResponse(status: 200, body: node.json) }

    /// Enough of server-side apply: mappings are merged, everything else is replaced.
    private func merged(_ old: Node, _ new: Node) -> Node {
        guard case .mapping(let entries) = new.value, case .mapping = old.value else { return new }
        var result = old
        for entry in entries {
            result.set(entry.key, old[entry.key].map { merged($0, entry.value) } ?? entry.value)
        }
        return result
    }
}
