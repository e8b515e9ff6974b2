internal import GatewayAPI

/// What becomes of requests to one port of a Service.
enum ServiceRules: Hashable {
    /// They are forwarded as they are.
    case none
    /// These routes decide, each once and in order of its key.
    case routes([ObjectKey])
    /// They are answered 500: these were to decide, and cannot.
    case closed([BrokenGuard])

    var isNone: Bool { self == .none }

    var isRouted: Bool {
        if case .routes = self { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
}

extension ServiceAttachments {
    /// The rules for clients of `namespace`; nil stands for everybody else's. The set of a namespace's own routes
    /// replaces the Service's (GEP-1294), and so does one that is broken.
    func rules(for port: Service.Port, of service: Service, clientsIn namespace: String? = nil) -> ServiceRules {
        let frontend = ServiceFrontend(service: service.metadata.key, port: port.port)
        let isOpened = RouteEnforcement(of: service) == .off
        if let namespace, namespace != frontend.service.namespace {
            if let own = consumers[frontend]?[namespace], !own.isEmpty { return .routes(own) }
            let broken = brokenGuards.guards(of: port, service, clientsIn: namespace)
            if !broken.isEmpty { return .closed(broken) }
        }
        if let routes = producers[frontend], !routes.isEmpty { return .routes(routes) }
        let broken = isOpened ? [] : brokenGuards.guards(of: port, service)
        return broken.isEmpty ? .none : .closed(broken)
    }
}

extension PlanBuilder {
    /// What the rules match: everything, and a 500 for it, where they are closed.
    func matches(of rules: ServiceRules, at service: ObjectKey) -> [PlannedMatch] {
        switch rules {
        case .none: []
        case .routes(let routes): matches(of: routes, at: service)
        case .closed(let guards): guards.prefix(1).map(closed)
        }
    }

    /// Answers everything that no other rule does with a 500: it ranks behind all.
    func closed(_ broken: BrokenGuard) -> PlannedMatch {
        let rule = plan.rules.count
        plan.rules.append(
            PlannedRule(
                origin: RuleOrigin(chain: [broken.route], ruleIndex: 0),
                action: .closed(reason: "\(broken.kind.rawValue) \(broken.route) \(broken.reason)")))
        let rank = PlannedMatch.Rank(
            rootCreation: .max, root: broken.route, ownerCreation: .max, owner: broken.route, ruleIndex: .max,
            matchIndex: .max)
        return PlannedMatch(path: PathMatch(.prefix, "/"), rule: rule, rank: rank)
    }
}
