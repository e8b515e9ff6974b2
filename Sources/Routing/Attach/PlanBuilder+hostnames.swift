internal import GatewayAPI

extension PlanBuilder {
    /// Who may use which hostnames of a Gateway; nil when it does not say.
    func hostnameAdmission(of gateway: Gateway) -> HostnameAdmission? {
        guard let written = gateway.metadata.annotations[HostnameAdmission.annotation] else { return nil }
        let admission = HostnameAdmission(written)
        for defect in admission.defects {
            report(
                Problem(
                    severity: .error, id: .invalidAnnotation, object: "Gateway \(gateway.metadata.key)",
                    field: "metadata.annotations[\(HostnameAdmission.annotation)]", message: defect))
        }
        return admission
    }

    /// Warns where routes of several namespaces serve one hostname: whoever has the more specific path takes the
    /// other's requests. Children serve what a root gives them, and do not count.
    func reportSharedHostnames(of gateway: Gateway, _ states: [ListenerState], _ admission: HostnameAdmission?) {
        guard case .cluster = scope else { return }
        for (position, state) in states.enumerated() where state.isUsable {
            var roots: [String: [String: ObjectKey]] = [:]
            for match in state.matches {
                let root = match.rank.root
                for hostname in match.hostnames.isEmpty ? [""] : match.hostnames {
                    let known = roots[hostname]?[root.namespace]
                    roots[hostname, default: [:]][root.namespace] = known.map { min($0, root) } ?? root
                }
            }
            for (hostname, byNamespace) in roots.sorted(by: { $0.key < $1.key }) where byNamespace.count > 1 {
                if admission?.isListed(hostname) == true { continue }
                let routes = Self.quote(byNamespace.values.sorted().map { "HTTPRoute \($0)" })
                report(
                    Problem(
                        severity: .warning, id: .sharedHostname, object: "Gateway \(gateway.metadata.key)",
                        field: "spec.listeners[\(position)]", value: hostname.isEmpty ? "*" : hostname,
                        message:
                            "routes of \(byNamespace.count) namespaces serve this hostname, and the more specific path takes the request: \(routes); \(HostnameAdmission.annotation) says which namespaces may"
                    ))
            }
        }
    }
}

extension PlanBuilder {
    /// Hostnames of routes whose parents are Services alone: what is addressed tells these apart, whatever the host
    /// (GEP-1294).
    func reportIdleHostnames() {
        for key in resources.httpRoutes.keys.sorted() {
            guard let route = resources.httpRoutes[key], !route.hostnames.isEmpty, !route.parentRefs.isEmpty,
                route.parentRefs.allSatisfy(\.meansService)
            else { continue }
            report(
                Problem(
                    severity: .error, id: .unservedField, object: "HTTPRoute \(key)", field: "spec.hostnames",
                    value: route.hostnames.joined(separator: ", "),
                    message:
                        "has no meaning with Services as parents: the rules apply to requests of every host; it is ignored"
                ))
        }
    }
}
