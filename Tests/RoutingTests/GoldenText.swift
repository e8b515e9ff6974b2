import GatewayAPI
import Routing

/// Plans and statuses as text that a person can review and a diff can compare.
enum GoldenText {
    static func plan(_ plan: RoutePlan) -> String {
        var lines: [String] = []
        for listener in plan.listeners {
            let state = listener.isUsable ? "" : " (not served)"
            lines.append(
                "listener \(listener.gateway)/\(listener.name) :\(listener.port) \(listener.hostname ?? "*")\(secrets(listener))\(state)"
            )
            lines += listener.matches.map { text($0, plan) }
        }
        for service in plan.services {
            let routed = service.isRouted ? "routed" : "plain"
            lines.append("service \(service.service):\(service.port) \(service.appProtocol) \(routed)")
            lines += service.matches.map { text($0, plan) }
        }
        for port in plan.inboundPorts {
            lines.append("inbound :\(port.port) \(port.appProtocol)")
            for member in port.members {
                lines.append("  member \(member.service):\(member.servicePort) enforcement=\(member.enforcement)")
                lines += member.matches.map { "  " + text($0, plan) }
            }
            lines += port.mergedMatches.map { "  merged" + text($0, plan) }
        }
        if !plan.wantedSecrets.isEmpty {
            lines.append("wants " + plan.wantedSecrets.sorted().map { "Secret \($0)" }.joined(separator: ", "))
        }
        lines += plan.problems.map { "\($0.severity): \($0.object) \($0.field) \($0.message)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func secrets(_ listener: PlannedListener) -> String {
        listener.tls.map { " tls(" + $0.certificates.map(\.secret.description).joined(separator: ", ") + ")" } ?? ""
    }

    private static func text(_ match: PlannedMatch, _ plan: RoutePlan) -> String {
        var words = [match.hostnames.isEmpty ? "*" : match.hostnames.joined(separator: ",")]
        words.append("\(match.path.kind.rawValue) \(match.path.value)")
        if let method = match.method { words.append(method) }
        words += match.headers.map { "\($0.name)\($0.isRegularExpression ? "~" : ":")\($0.value)" }
        words += match.queryParams.map { "?\($0.name)\($0.isRegularExpression ? "~" : "=")\($0.value)" }
        return "  " + words.joined(separator: " ") + " => " + text(plan.rules[match.rule], plan)
    }

    private static func text(_ rule: PlannedRule, _ plan: RoutePlan) -> String {
        var text = rule.origin.chain.map(\.description).joined(separator: " > ") + " rule \(rule.origin.ruleIndex): "
        switch rule.action {
        case .forward(let shares): text += "forward [" + shares.map { share($0, plan) }.joined(separator: ", ") + "]"
        case .redirect(let redirect): text += "redirect \(redirect.statusCode)"
        case .fail(let reason): text += "500 (\(reason))"
        case .closed(let reason): text += "closed (\(reason))"
        }
        text += (rule.requestHeaders + rule.inheritedHeaders.request).map { " request\($0.text)" }.joined()
        text += (rule.responseHeaders + rule.inheritedHeaders.response).map { " response\($0.text)" }.joined()
        if let rewrite = rule.rewrite {
            text += " rewrite(\(rewrite.hostname ?? "-") \(rewrite.path.map { "\($0)" } ?? "-"))"
        }
        if let request = rule.timeouts.request { text += " timeout=\(request)ms" }
        if let backend = rule.timeouts.backendRequest { text += " backendTimeout=\(backend)ms" }
        return text
    }

    private static func share(_ share: PlannedBackend, _ plan: RoutePlan) -> String {
        switch share.target {
        case .backend(let position):
            switch plan.backends[position] {
            case .service(let key, let port): "\(key):\(port) w\(share.weight)"
            case .backend(let key): "Backend \(key) w\(share.weight)"
            }
        case .redirect(let redirect): "redirect \(redirect.statusCode) w\(share.weight)"
        case .invalid(let reason): "500 w\(share.weight) (\(reason))"
        }
    }

    static func status(_ report: StatusReport) -> String {
        var lines: [String] = []
        for (name, conditions) in report.gatewayClasses.sorted(by: { $0.key < $1.key }) {
            lines.append("GatewayClass \(name)")
            lines += conditions.map(text)
        }
        for (key, status) in report.gateways.sorted(by: { $0.key < $1.key }) {
            lines.append("Gateway \(key)")
            lines += status.conditions.map(text)
            for listener in status.listeners {
                let kinds = listener.supportedKinds.map(\.kind).joined(separator: ",")
                lines.append("  listener \(listener.name) attachedRoutes=\(listener.attachedRoutes) kinds=[\(kinds)]")
                lines += listener.conditions.map { "  " + text($0) }
            }
        }
        for (key, entries) in report.httpRoutes.sorted(by: { $0.key < $1.key }) {
            lines += parents("parent", entries, of: ResourceID(kind: .httpRoute, key: key))
        }
        let byName: (ResourceID, ResourceID) -> Bool = { ($0.kind.rawValue, $0.key) < ($1.kind.rawValue, $1.key) }
        for (id, entries) in report.unservedRoutes.sorted(by: { byName($0.key, $1.key) }) {
            lines += parents("parent", entries, of: id)
        }
        for (id, entries) in report.policies.sorted(by: { byName($0.key, $1.key) }) {
            lines += parents("ancestor", entries, of: id)
        }
        for (key, conditions) in report.listenerSets.sorted(by: { $0.key < $1.key }) {
            lines.append("ListenerSet \(key)")
            lines += conditions.map(text)
        }
        for (key, conditions) in report.backends.sorted(by: { $0.key < $1.key }) {
            lines.append("Backend \(key)")
            lines += conditions.map(text)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func parents(_ role: String, _ entries: [RouteParentStatus], of id: ResourceID) -> [String] {
        entries.flatMap { entry in
            let reference = entry.parentRef
            var words = "\(reference.kind) \(reference.namespace ?? id.key.namespace)/\(reference.name)"
            if let section = reference.sectionName { words += " section=\(section)" }
            if let port = reference.port { words += " port=\(port)" }
            return ["\(id) \(role) \(words) by \(entry.controllerName)"] + entry.conditions.map(text)
        }
    }

    private static func text(_ condition: Condition) -> String {
        let message = condition.message.isEmpty ? "" : ": \(condition.message)"
        return
            "  \(condition.type)=\(condition.status ? "True" : "False")/\(condition.reason) gen=\(condition.observedGeneration)\(message)"
    }
}

extension HeaderModifier {
    fileprivate var text: String {
        let parts =
            set.map { "set \($0.name)=\($0.value)" } + add.map { "add \($0.name)=\($0.value)" }
            + remove.map { "remove \($0)" }
        return "{" + parts.joined(separator: "; ") + "}"
    }
}
