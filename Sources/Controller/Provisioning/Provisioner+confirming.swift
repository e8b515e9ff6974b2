internal import GatewayAPI
internal import Kubernetes

extension Provisioner {
    /// Asks the server itself for a Gateway of which the watch knows nothing, before what was made for it is deleted:
    /// the watch may be interrupted, or have taken a fault of the server for a kind that is not served.
    ///
    /// - Parameter versions: of the kind, to be asked for one after the other until one is served.
    func confirmAbsence(
        of gateway: ObjectKey, before id: ManagedID,
        versions: ArraySlice<String> = ResourceKind.gateway.api.versions[...]
    ) -> any APICall {
        let path = ResourceKind.gateway.api.path(
            version: versions.first ?? "v1", namespace: gateway.namespace, name: gateway.name)
        return transport.send(APIRequest(.get, path, timeout: Self.timeout)) { [weak self] result in
            self?.answered(gateway, id, versions, GatewayPresence(result, of: gateway))
        }
    }

    private func answered(
        _ gateway: ObjectKey, _ id: ManagedID, _ versions: ArraySlice<String>, _ presence: GatewayPresence
    ) {
        // A plan may have come meanwhile.
        guard case .confirm(gateway, let uid) = step(for: id) else { return finish(id, .passed) }
        switch presence {
        case .gone:
            replaceCall(id, delete(id, uid: uid))
        case .present(let current):
            let origin = inventory.entries[id]?.origin
            if let origin, origin.hasOwner, !origin.isOwned(by: current) {
                replaceCall(id, delete(id, uid: uid))
            } else {
                finish(
                    id,
                    .failed("\(id) is kept: Gateway \(gateway) exists, its watch has not told of it; looked at again"))
            }
        case .notServed where versions.count > 1:
            replaceCall(id, confirmAbsence(of: gateway, before: id, versions: versions.dropFirst()))
        case .notServed:
            finish(id, .failed("\(id) is kept: the API server does not serve Gateways; looked at again"))
        case .unknown(let reason):
            finish(
                id,
                .failed("\(id) is kept: whether Gateway \(gateway) exists cannot be told: \(reason); looked at again"))
        }
    }
}

/// What an API server's answer says of a Gateway that was asked for by its name.
enum GatewayPresence: Hashable {
    case present(uid: String)
    case gone
    /// Nothing is known under this kind and version; not what says that an object is gone.
    case notServed
    case unknown(String)

    init(_ result: Result<APIResponse, APIError>, of gateway: ObjectKey) {
        switch result {
        case .failure(let error):
            self = .unknown("the API server \(error)")
        case .success(let response) where response.status == 404:
            let status = try? JSONReader.node(response.body)
            // The object's own absence names it; a path that is not served names nothing.
            let isNamed = status?["details"]?["name"]?.stringValue == gateway.name
            self = isNamed && status?["reason"]?.stringValue == "NotFound" ? .gone : .notServed
        case .success(let response):
            guard response.isSuccess, let object = try? JSONReader.node(response.body),
                let uid = object["metadata"]?["uid"]?.stringValue
            else {
                self = .unknown("the API server answers \(response.status), \(response.explanation)")
                return
            }
            self = .present(uid: uid)
        }
    }
}
