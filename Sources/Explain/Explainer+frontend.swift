internal import GatewayAPI
internal import Routing

/// Which frontend takes the request.
extension Explainer {
    /// That there is nothing at an address, and of what kinds more would have to be known before that is certain.
    struct MissingFrontend {
        var outcome: Explanation.Outcome
        var reasons: [String] = []
        var dependsOn: ResourceKinds

        init(outcome: Explanation.Outcome, reasons: [String], dependsOn: ResourceKinds) {
            self.outcome = outcome
            self.reasons = reasons
            self.dependsOn = dependsOn
        }

        init(reason: String, dependsOn: ResourceKinds = []) {
            self.init(outcome: .noFrontend(reason), reasons: [], dependsOn: dependsOn)
        }
    }

    /// Why there is nothing at that address; nil when there is.
    func missingFrontend() -> MissingFrontend? {
        switch frontend {
        case .gateway(let key):
            guard resources.gateways[key] != nil else {
                return MissingFrontend(reason: "Gateway \(key) does not exist", dependsOn: .gateway)
            }
            guard table.listenerGroup(request.port, of: key) < 0 else { return nil }
            let ports = Set(table.listenerPorts).sorted().map(String.init).joined(separator: ", ")
            let served = ports.isEmpty ? "none of its listeners serves" : "its listeners serve port \(ports)"
            let defects = plan.problems.filter { $0.object == "Gateway \(key)" && $0.severity == .error }
            return MissingFrontend(
                reason: "Gateway \(key) has no serving listener on port \(request.port); \(served)"
                    + defects.map { "; \($0.field) \($0.value): \($0.message)" }.joined(),
                dependsOn: ResourceKinds(defects.map(\.dependsOn)))
        case .service(let key, let port, _):
            guard let service = resources.services[key] else {
                return MissingFrontend(reason: "Service \(key) does not exist", dependsOn: .service)
            }
            guard table.service(key, port: port) < 0 else { return nil }
            if service.type == "ExternalName" {
                return MissingFrontend(
                    reason: "Service \(key) is of type ExternalName, so it is no frontend: connections pass through")
            }
            if service.isHeadless {
                let (outcome, reasons) = headlessOutcome(service, port: port)
                return MissingFrontend(outcome: outcome, reasons: reasons, dependsOn: [.httpRoute, .endpointSlice])
            }
            let ports = service.ports.map { "\($0.port)/\($0.transport)" }.joined(separator: ", ")
            return MissingFrontend(reason: "Service \(key) has no TCP port \(port); it has \(ports)")
        }
    }

    /// Of what kinds more would have to be known before an answer is certain.
    func dependence(of explanation: Explanation) -> ResourceKinds {
        // Another route could always claim the request.
        var kinds = ResourceKinds(explanation.problems.map(\.dependsOn)).union(.httpRoute)
        let lacksEndpoint = explanation.backends.contains {
            if case .answered(503, _) = $0.result { true } else { false }
        }
        if lacksEndpoint { kinds.insert(.endpointSlice) }
        return kinds
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
        let onPort = plan.listeners.filter { $0.port == request.port && $0.isUsable }
        guard let index = listener(of: group, onPort, read, &explanation) else { return nil }
        guard index >= 0, let listener = onPort.first(where: { isListener($0, index) }) else {
            explanation.outcome = .answered(status: 404, reason: "no listener on port \(request.port) takes this host")
            explanation.reasons.append("host \(read.host) is covered by none of: \(Self.hostnames(onPort))")
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

    static func hostnames(_ listeners: [PlannedListener]) -> String {
        listeners.map { "\($0.name) (\($0.hostname ?? "any host"))" }.joined(separator: ", ")
    }

    func isListener(_ listener: PlannedListener, _ index: Int32) -> Bool {
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
