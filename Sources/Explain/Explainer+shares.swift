internal import Balancing
internal import GatewayAPI
internal import Routing

/// Where the weighted parts of a rule lead.
extension Explainer {
    func share(
        _ rule: Int32, _ index: Int32, _ backend: PlannedBackend, total: UInt64, at frontend: Int32, _ read: ReadRequest
    ) -> Explanation.Share {
        var share = blank(
            weight: backend.weight, percent: total == 0 ? 0 : Double(backend.weight) * 100 / Double(total))
        share.filters = FilterText.lines(
            request: backend.requestHeaders, response: backend.responseHeaders, rewrite: backend.rewrite)
        switch backend.target {
        case .invalid(let reason):
            share.result = .answered(status: 500, reason: reason)
        case .redirect(let redirect):
            if let location = location(table.share(rule, index).redirect, at: frontend, read) {
                share.result = .redirected(status: redirect.statusCode, location: location)
            } else {
                share.result = .answered(status: 500, reason: "the Location of the redirect is too long")
            }
        case .backend(let position):
            fill(&share, backend: position)
            let rewrite = table.rewrite(rule, share: index)
            if rewrite >= 0 {
                share.host = unsafe table.rewriteHost(rewrite).map { unsafe String(decoding: $0, as: UTF8.self) }
                share.target = unsafe ComposedText.make { unsafe table.rewritePath(rewrite, read.view, into: $0) }
            }
        }
        return share
    }

    /// A Service without routes.
    func plainShare(_ backend: Int32) -> Explanation.Share {
        var share = blank(weight: 1, percent: 100)
        fill(&share, backend: Int(backend))
        return share
    }

    private func blank(weight: UInt32, percent: Double) -> Explanation.Share {
        Explanation.Share(
            backend: nil, weight: weight, percent: percent, result: .forwarded, endpoints: [], names: [], host: nil,
            target: nil, filters: [])
    }

    private func fill(_ share: inout Explanation.Share, backend position: Int) {
        guard plan.backends.indices.contains(position) else { return }
        share.endpoints = unsafe endpoints.endpoints(Int32(position)).map { endpoint in
            let address = "\(endpoint.address)"
            return (endpoint.address.isIPv6 ? "[\(address)]" : address) + ":\(endpoint.port)"
        }
        let key = plan.backends[position]
        switch key {
        case .service(let service, let port):
            share.backend = "Service \(key)"
            if share.endpoints.isEmpty {
                share.result = .answered(
                    status: 503, reason: "no ready endpoint: \(unreadiness(of: service, port: port))")
            }
        case .backend(let backend):
            share.backend = "Backend \(key)"
            let hosts = resources.backends[backend]?.hosts ?? []
            share.names = hosts.filter { IPAddress($0.host) == nil }.map { "\($0.host):\($0.port)" }
            if share.endpoints.isEmpty && share.names.isEmpty {
                share.result = .answered(status: 503, reason: "no ready endpoint: the Backend has no usable host")
            }
        }
    }

    /// What the EndpointSlices of a Service say when none of its endpoints is usable.
    private func unreadiness(of service: ObjectKey, port number: UInt16) -> String {
        let slices = resources.endpointSlices.values.filter {
            $0.serviceName == service.name && $0.metadata.key.namespace == service.namespace
        }
        guard !slices.isEmpty else { return "no EndpointSlice belongs to Service \(service)" }
        let all = slices.flatMap(\.endpoints)
        guard !all.isEmpty else {
            return "its EndpointSlices list no endpoint (do the Service's selector and the pods' labels agree?)"
        }
        let ready = all.count { $0.ready }
        if ready == 0 { return "\(all.count) listed, none ready" }
        return "\(ready) of \(all.count) are ready, but not at this port: \(portTrouble(service, number, slices))"
    }

    /// A slice's port joins the Service's port of the same name, if it has a number.
    private func portTrouble(_ service: ObjectKey, _ number: UInt16, _ slices: [EndpointSlice]) -> String {
        let name = resources.services[service]?.ports.first { $0.port == number }?.name ?? ""
        let shown = name.isEmpty ? "without a name" : "named \(name)"
        let ports = slices.flatMap(\.ports)
        if ports.contains(where: { $0.name == name && $0.port == nil }) {
            return "the slices' port \(shown) has no number"
        }
        let names = Set(ports.map { $0.name.isEmpty ? "one without a name" : $0.name }).sorted()
        let listed = names.isEmpty ? "no port" : names.joined(separator: ", ")
        return "the Service's port \(number) is \(shown), and the slices have \(listed)"
    }
}
