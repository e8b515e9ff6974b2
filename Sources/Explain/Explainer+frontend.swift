internal import GatewayAPI
internal import Routing

/// Which frontend takes the request.
extension Explainer {
    /// Why there is nothing at that address; nil when there is.
    func missingFrontend() -> String? {
        switch frontend {
        case .gateway(let key):
            guard resources.gateways[key] != nil else { return "Gateway \(key) does not exist" }
            guard table.listenerGroup(request.port, of: key) < 0 else { return nil }
            let ports = Set(table.listenerPorts).sorted().map(String.init).joined(separator: ", ")
            let served = ports.isEmpty ? "none of its listeners serves" : "its listeners serve port \(ports)"
            return "Gateway \(key) has no serving listener on port \(request.port); \(served)" + defects(of: key)
        case .service(let key, let port, _):
            guard let service = resources.services[key] else { return "Service \(key) does not exist" }
            guard table.service(key, port: port) < 0 else { return nil }
            if service.isHeadless || service.type == "ExternalName" {
                return "Service \(key) has no ClusterIP, so it is no frontend: connections to its pods pass through"
            }
            let ports = service.ports.map { "\($0.port)/\($0.transport)" }.joined(separator: ", ")
            return "Service \(key) has no TCP port \(port); it has \(ports)"
        }
    }

    private func defects(of gateway: ObjectKey) -> String {
        let problems = plan.problems.filter { $0.object == "Gateway \(gateway)" && $0.severity == .error }
        return problems.map { "; \($0.field) \($0.value): \($0.message)" }.joined()
    }

    /// The frontend's number in the table, and what is to be said of it. nil: the explanation is complete.
    func select(_ read: ReadRequest, _ explanation: inout Explanation) -> (Int32, Explanation.Frontend)? {
        switch frontend {
        case .gateway(let key): return selectListener(of: key, read, &explanation)
        case .service(let key, let port, _):
            let index = table.service(key, port: port)
            guard let planned = plannedService else { return nil }
            let facts = Explanation.Frontend(
                object: "Service \(key)", listener: nil, port: port, hostname: nil, isRouted: planned.isRouted,
                appProtocol: "\(planned.appProtocol)", matches: planned.matches.count,
                routes: planned.isRouted ? routeKind(planned) : nil)
            explanation.reasons.append(contentsOf: serviceReasons(planned))
            return (index, facts)
        }
    }

    private func selectListener(
        of gateway: ObjectKey, _ read: ReadRequest, _ explanation: inout Explanation
    ) -> (Int32, Explanation.Frontend)? {
        let group = table.listenerGroup(request.port, of: gateway)
        let index = unsafe table.frontend(group, host: read.view.host)
        let onPort = plan.listeners.filter { $0.port == request.port && $0.isUsable }
        guard index >= 0, let listener = onPort.first(where: { isListener($0, index) }) else {
            let hostnames = onPort.map { "\($0.name) (\($0.hostname ?? "any host"))" }.joined(separator: ", ")
            explanation.outcome = .answered(status: 404, reason: "no listener on port \(request.port) takes this host")
            explanation.reasons.append("host \(read.host) is covered by none of: \(hostnames)")
            return nil
        }
        if onPort.count > 1 {
            explanation.reasons.append(
                "host \(read.host) selects listener \(listener.name) (\(listener.hostname ?? "any host")) as the most specific of "
                    + "\(onPort.count) on port \(request.port); routes of the others are not looked at")
        }
        let facts = Explanation.Frontend(
            object: "Gateway \(gateway)", listener: listener.name, port: listener.port, hostname: listener.hostname,
            isRouted: true, appProtocol: "http", matches: listener.matches.count, routes: nil)
        return (index, facts)
    }

    private func isListener(_ listener: PlannedListener, _ index: Int32) -> Bool {
        unsafe String(decoding: table.frontendName(index), as: UTF8.self) == "\(listener.gateway)/\(listener.name)"
    }

    var plannedService: PlannedService? {
        guard case .service(let key, let port, _) = frontend else { return nil }
        return plan.services.first { $0.service == key && $0.port == port }
    }

    private func routeKind(_ planned: PlannedService) -> String {
        planned.matches.contains { $0.rank.root.namespace != planned.service.namespace } ? "consumer" : "producer"
    }

    private func serviceReasons(_ planned: PlannedService) -> [String] {
        guard planned.isRouted else { return [] }
        if routeKind(planned) == "consumer" {
            return [
                "the client's namespace has routes of its own for this Service (consumer routes); they replace the Service's"
            ]
        }
        return ["the routes of the Service's own namespace apply (producer routes)"]
    }

    /// The matches of the frontend that `facts` describes.
    func matches(of facts: Explanation.Frontend) -> [PlannedMatch] {
        if let planned = plannedService { return planned.matches }
        return plan.listeners.first { $0.name == facts.listener && $0.isUsable }?.matches ?? []
    }
}
