internal import GatewayAPI
internal import Kubernetes

extension Provisioner {
    /// Looks whether the name is taken before it is used for the first time; makes the object when it is not. What was
    /// made for this Gateway is ours, also when somebody has taken the label away by which the watches find it.
    func look(for object: ManagedObject) -> any APICall {
        transport.send(APIRequest(.get, object.id.path, timeout: Self.timeout)) { [weak self] result in
            self?.looked(for: object, result)
        }
    }

    private func looked(for object: ManagedObject, _ result: Result<APIResponse, APIError>) {
        switch result {
        case .success(let response) where response.status == 404:
            resend(object)
        case .success(let response) where response.isSuccess:
            guard let found = try? JSONReader.node(response.body),
                ManagedOrigin(found).isMade(as: object)
            else {
                finish(object.id, .failed("\(object.id) exists and was not made for this Gateway; it is left alone"))
                return
            }
            resend(object)
        case .success, .failure:
            finish(object.id, .failed(Self.message("read", object.id, result)))
        }
    }

    private func resend(_ object: ManagedObject) {
        replaceCall(object.id, apply(object))
    }

    /// Server-side apply: what others have set beside our fields stays, what was set over them is ours again.
    func apply(_ object: ManagedObject) -> any APICall {
        let request = APIRequest(
            .patch, object.id.path, query: [("fieldManager", ManagedMark.manager), ("force", "true")],
            contentType: .apply, body: object.content.json, timeout: Self.timeout)
        return transport.send(request) { [weak self] result in
            guard let self else { return }
            guard case .success(let response) = result, response.isSuccess,
                let written = try? JSONReader.node(response.body)
            else {
                finish(object.id, .failed(Self.message("written", object.id, result)))
                return
            }
            finish(object.id, .applied(written))
        }
    }

    /// Has another field manager say the number of replicas, then applies the object without it.
    func handOver(_ replicas: Int64, of object: ManagedObject) -> any APICall {
        let body = ReplicasHandover.content(replicas, of: object)
        let request = APIRequest(
            .patch, object.id.path, query: [("fieldManager", ReplicasHandover.manager)], contentType: .apply,
            body: body.json, timeout: Self.timeout)
        return transport.send(request) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let response) where response.isSuccess: resend(object)
            // Somebody else has the number by now, as it should be: the next look at the object shows it.
            case .success(let response) where response.status == 409: finish(object.id, .passed)
            case .success, .failure: finish(object.id, .failed(Self.message("written", object.id, result)))
            }
        }
    }

    /// - Parameter uid: of the object that was seen; one that was made since is left alone.
    func delete(_ id: ManagedID, uid: String?) -> any APICall {
        var options: Node = .mapping([
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        ])
        if let uid { options.set("preconditions", .mapping(["uid": .string(uid)])) }
        let request = APIRequest(.delete, id.path, body: options.json, timeout: Self.timeout)
        return transport.send(request) { [weak self] result in
            guard let self else { return }
            guard case .success(let response) = result, response.isSuccess || response.status == 404 else {
                finish(id, .failed(Self.message("deleted", id, result)))
                return
            }
            finish(id, .deleted)
        }
    }

    /// In a sentence; of an answer the server's own words.
    private static func message(
        _ verb: String, _ id: ManagedID, _ result: Result<APIResponse, APIError>
    ) -> String {
        switch result {
        case .failure(let error):
            return "\(id) cannot be \(verb): the API server \(error); tried again"
        case .success(let response):
            return "\(id) cannot be \(verb): \(response.status), \(response.explanation); tried again"
        }
    }
}
