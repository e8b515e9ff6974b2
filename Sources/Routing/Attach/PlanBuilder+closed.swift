internal import GatewayAPI

/// What is said of Services that broken guards leave closed.
extension PlanBuilder {
    /// Once for each Service, however many of its ports are closed.
    func reportClosed(_ attachments: ServiceAttachments) {
        guard !attachments.brokenGuards.isEmpty else { return }
        for key in attachments.services(in: resources).sorted() {
            // One without pods of its own has nothing to close.
            guard let service = resources.services[key], service.type != "ExternalName", !isDeferred(key)
            else { continue }
            let closed = service.ports.enumerated().filter { _, port in
                port.isTCP && attachments.rules(for: port, of: service).isClosed
            }
            guard let first = closed.first,
                case .closed(let guards) = attachments.rules(for: first.element, of: service),
                let broken = guards.first
            else { continue }
            let ports = closed.map { "\($0.element.port)" }.joined(separator: ", ")
            report(
                Problem(
                    severity: .error, id: .guardBroken, object: "Service \(key)", field: "spec.ports[\(first.offset)]",
                    value: ports,
                    message: "\(broken.kind.rawValue) \(broken.route), which is to guard it, \(broken.reason); "
                        + "requests are answered 500, and other connections closed, until some route is in force there, or the "
                        + "annotation weir.dev/route-enforcement is off",
                    follows: [ProblemCause(broken.kind, broken.route)]))
        }
    }
}
