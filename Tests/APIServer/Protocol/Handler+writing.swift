import GatewayAPI

extension Handler {
    func write(_ target: Target) throws(APIStatus) -> HTTPResponse {
        let type = (request.header("content-type") ?? "").split(separator: ";").first.map(String.init) ?? ""
        if request.method != "PATCH", type != "application/json", type != "application/yaml" {
            throw .unsupportedMediaType(type)
        }
        let body = try type.contains("yaml") ? JSON.yaml(request.body) : JSON.node(request.body)
        let write = try write(to: target, isApply: type == Self.applyType)
        let (object, isNew) = try state.change { state throws(APIStatus) -> (StoredObject, Bool) in
            let written =
                switch request.method {
                case "POST": (try state.store.create(write, body), true)
                case "PUT": (try state.store.update(write, body), false)
                default: try patch(write, type, body, in: &state.store)
                }
            let key = written.0.key
            state.log.countWrite(target.kind.path(key, target.subresource))
            return written
        }
        return HTTPResponse(status: isNew ? 201 : 200, body: object.json(apiVersion: target.apiVersion))
    }

    private static let applyType = "application/apply-patch+yaml"

    private func write(to target: Target, isApply: Bool) throws(APIStatus) -> Write {
        let product = (request.header("user-agent") ?? "unknown").split(separator: "/").first.map(String.init)
        let manager = request.parameter("fieldManager") ?? ""
        if isApply, manager.isEmpty {
            throw APIStatus(
                code: 422, reason: "Invalid",
                message:
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
            )
        }
        if target.kind.isNamespaced, target.namespace == nil { throw .methodNotAllowed() }
        return Write(
            kind: target.kind, version: target.version, key: target.key, subresource: target.subresource,
            manager: manager.isEmpty ? product ?? "unknown" : manager, isDryRun: request.parameter("dryRun") == "All")
    }

    private func patch(_ write: Write, _ type: String, _ body: Node, in store: inout Store)
        throws(APIStatus) -> (StoredObject, Bool)
    {
        switch type {
        case Self.applyType:
            let (object, isNew) = try store.apply(write, body, isForced: request.flag("force"))
            return (object, isNew)
        case "application/merge-patch+json":
            return (try store.patch(write) { node throws(APIStatus) in node.merged(with: body) }, false)
        case "application/strategic-merge-patch+json" where !write.kind.isCustom:
            return (try store.patch(write) { node throws(APIStatus) in node.applied(body) }, false)
        case "application/json-patch+json":
            return (try store.patch(write) { node throws(APIStatus) in try node.patched(body) }, false)
        default: throw .unsupportedMediaType(type)
        }
    }

    func delete(_ target: Target) throws(APIStatus) -> HTTPResponse {
        let options = request.body.isEmpty ? Node.mapping([:]) : try JSON.node(request.body)
        let policy = request.parameter("propagationPolicy") ?? options.text("propagationPolicy")
        let isDryRun = request.parameter("dryRun") == "All"
        return try state.change { state throws(APIStatus) -> HTTPResponse in
            guard let object = state.store.object(target.kind, target.key) else {
                throw .notFound(target.kind, target.key.name)
            }
            let uid = options.text("preconditions", "uid") ?? object.uid
            let version = options.text("preconditions", "resourceVersion") ?? "\(object.resourceVersion)"
            guard uid == object.uid, version == "\(object.resourceVersion)" else {
                throw .conflict(target.kind, target.key.name, "the precondition of the deletion does not hold")
            }
            if !isDryRun {
                state.store.delete(target.kind, object, orphans: policy == "Orphan")
                state.log.countWrite(target.kind.path(target.key, ""))
            }
            if let rest = state.store.object(target.kind, target.key), !isDryRun {
                return HTTPResponse(status: 200, body: rest.json(apiVersion: target.apiVersion))
            }
            return HTTPResponse(APIStatus.success(target.kind, target.key, uid: object.uid))
        }
    }

    func deleteCollection(_ target: Target) throws(APIStatus) -> HTTPResponse {
        let selector = try selector(target)
        state.change { state in
            for object in state.store.collections[target.kind.resource]?.sorted() ?? [] where selector.matches(object) {
                guard let current = state.store.object(target.kind, object.key) else { continue }
                state.store.delete(target.kind, current)
                state.log.countWrite(target.kind.path(object.key, ""))
            }
        }
        return HTTPResponse(.mapping(["kind": "Status", "apiVersion": "v1", "status": "Success"]))
    }
}

extension ServedKind {
    /// What writes are counted by: `httproutes.gateway.networking.k8s.io shop/web/status`.
    func path(_ key: ObjectKey, _ subresource: String) -> String {
        "\(resource) \(key)\(subresource.isEmpty ? "" : "/\(subresource)")"
    }
}
