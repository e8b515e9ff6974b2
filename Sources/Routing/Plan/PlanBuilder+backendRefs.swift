internal import GatewayAPI

/// Why one backendRef cannot be used, in the standard's words for the condition.
struct ReferenceDefect: Hashable {
    enum Reason: String {
        case refNotPermitted = "RefNotPermitted"
        case invalidKind = "InvalidKind"
        case backendNotFound = "BackendNotFound"
        case unsupportedProtocol = "UnsupportedProtocol"
        case unsupportedValue = "UnsupportedValue"
    }

    var reason: Reason
    var message: String
    /// As a problem's.
    var dependsOn: ResourceKinds = []
    /// As a problem's.
    var follows: [ProblemCause] = []
    /// Of a kind of mistake that the reason alone does not tell.
    var id: ProblemID?

    var problemID: ProblemID {
        if let id { return id }
        return switch reason {
        case .refNotPermitted: .notPermitted
        case .invalidKind: .wrongTargetKind
        // What could exist and does not is a matter of its kind.
        case .backendNotFound: dependsOn.isEmpty ? .unusableTarget : .missingTarget
        case .unsupportedProtocol, .unsupportedValue: .unusableTarget
        }
    }
}

extension PlanBuilder {
    /// What a rule without delegation forwards to, resolved and reported once per kind of parent.
    func forwardAction(of rule: HTTPRouteRule, at position: Int, of route: ObjectKey, kind: ParentKind)
        -> PlannedRule.Action
    {
        let use = RuleUse(route: route, rule: position, kind: kind)
        if let known = actions[use] { return known }
        let shares = rule.backendRefs.enumerated().map { refPosition, reference in
            plannedBackend(reference, at: refPosition, in: rule, use)
        }
        let action: PlannedRule.Action
        if shares.isEmpty {
            let message = "no backendRefs and no RequestRedirect; the rule answers 500"
            report(id: .noBackends, route: route, field: "spec.rules[\(position)].backendRefs", message)
            action = .forward([])
        } else if shares.allSatisfy({ $0.weight == 0 }) {
            let message = "every weight is 0; the rule answers 500"
            report(id: .zeroWeights, route: route, field: "spec.rules[\(position)].backendRefs", message)
            action = .fail(reason: "every weight is 0")
        } else {
            action = .forward(shares)
        }
        actions[use] = action
        return action
    }

    private func plannedBackend(
        _ reference: BackendReference, at position: Int, in rule: HTTPRouteRule, _ use: RuleUse
    ) -> PlannedBackend {
        let filters = FilterReading(reference.filters)
        var share = PlannedBackend(
            target: .invalid(reason: ""), weight: reference.weight, requestHeaders: filters.body.requestHeaders,
            responseHeaders: filters.body.responseHeaders, rewrite: filters.body.rewrite)
        switch resolve(reference, from: use.route.namespace, kind: use.kind) {
        case .failure(let defect):
            share.target = .invalid(reason: defect.message)
            note(defect, ref: position, of: use, isReported: reference.defect != nil)
        case .success(let backend):
            noteReached(backend, by: RouteUse(route: use.route, kind: use.kind))
            if let defect = filterDefect(filters, in: rule) {
                share.target = .invalid(reason: defect.message)
                note(defect, ref: position, of: use, isReported: reference.filters.contains(where: \.isUnusable))
            } else if let redirect = filters.body.redirect {
                share.target = .redirect(redirect)
            } else if let demand = tlsDemand(on: backend) {
                let defect = ReferenceDefect(reason: .unsupportedProtocol, message: demand)
                note(defect, ref: position, of: use)
                // A pod that calls itself needs no TLS, so that of the mesh's rules each door refuses what it must.
                share.target =
                    use.kind == .mesh ? .backend(self.position(of: backend)) : .invalid(reason: demand)
            } else {
                share.target = .backend(self.position(of: backend))
            }
        }
        return share
    }

    private func filterDefect(_ filters: FilterReading, in rule: HTTPRouteRule) -> ReferenceDefect? {
        if let defect = filters.defect { return ReferenceDefect(reason: .unsupportedValue, message: defect.message) }
        guard filters.body.needsPrefixMatch, !rule.hasOnePrefixMatch else { return nil }
        return ReferenceDefect(reason: .unsupportedValue, message: HTTPRouteRule.prefixReplacementNeed)
    }

    /// Records a defect for the route's condition, and reports it unless the decoder has.
    func note(
        _ defect: ReferenceDefect, ref position: Int, of use: RuleUse, consequence: String = "its share answers 500",
        isReported: Bool = false
    ) {
        if !isReported {
            let field = "spec.rules[\(use.rule)].backendRefs[\(position)]"
            report(
                id: defect.problemID, route: use.route, field: field, dependsOn: defect.dependsOn,
                follows: defect.follows, "\(defect.message); \(consequence)")
        }
        let finding = RouteFindings.Reference(rule: use.rule, ref: position, defect: defect)
        findings[RouteUse(route: use.route, kind: use.kind), default: RouteFindings()].references.insert(finding)
    }

    /// The table of Gateway API's BackendObjectReference, in its order: kind, permission, existence, protocol.
    func resolve(_ reference: BackendReference, from namespace: String, kind: ParentKind)
        -> Result<BackendKey, ReferenceDefect>
    {
        if let defect = reference.defect { return .failure(.unsupportedValue, defect) }
        let target = ObjectKey(namespace: reference.namespace ?? namespace, name: reference.name)
        let isService = (reference.group == "" || reference.group == "core") && reference.kind == "Service"
        let isBackend = reference.group == GroupName.kgateway && reference.kind == "Backend"
        guard isService || isBackend else {
            if reference.kind == "HTTPRoute" {
                return .failure(
                    .invalidKind, "kind HTTPRoute needs group: \(GroupName.gatewayAPI) to name a child to delegate to")
            }
            let written = reference.group.isEmpty ? reference.kind : "\(reference.group)/\(reference.kind)"
            if let need = Delegation.missing(in: reference) {
                return .failure(.invalidKind, "\(written) is no backend, and to delegate \(need)")
            }
            return .failure(.invalidKind, "kind \(written) is no backend; Service or \(GroupName.kgateway)/Backend is")
        }
        // Mesh clients can reach every Service themselves (GEP-1294); a Backend is outside, so it needs the grant.
        let needsGrant = target.namespace != namespace && !(kind == .mesh && isService)
        let group = isService ? "" : GroupName.kgateway
        if needsGrant,
            !index.permits(fromKind: "HTTPRoute", in: namespace, toGroup: group, kind: reference.kind, target: target)
        {
            let message =
                "no ReferenceGrant in \(target.namespace) lets HTTPRoutes of \(namespace) refer to \(reference.kind) \(target)"
            return .failure(
                .refNotPermitted, message, dependsOn: .referenceGrant,
                follows: [ProblemCause("\(ResourceKind.referenceGrant.rawValue) \(target.namespace)/")])
        }
        return isService ? resolveService(target, port: reference.port) : resolveBackend(target)
    }

    private func resolveService(_ key: ObjectKey, port number: UInt16?) -> Result<BackendKey, ReferenceDefect> {
        guard let service = resources.services[key] else {
            return .failure(
                .backendNotFound, "Service \(key) does not exist", dependsOn: .service,
                follows: [ProblemCause(.service, key)])
        }
        guard service.type != "ExternalName" else {
            return .failure(.backendNotFound, "Service \(key) is of type ExternalName, which is refused as a backend")
        }
        guard let number else { return .failure(.backendNotFound, "port is required for Service \(key)") }
        guard let port = service.ports.first(where: { $0.port == number && $0.isTCP }) else {
            return .failure(
                .backendNotFound, "Service \(key) has no TCP port \(number)",
                follows: .missingPort(of: key))
        }
        if let refusal = Self.protocolRefusal(port.appProtocol) {
            return .failure(.unsupportedProtocol, "port \(number) of Service \(key) \(refusal)")
        }
        return .success(.service(key, port: number))
    }

    private func resolveBackend(_ key: ObjectKey) -> Result<BackendKey, ReferenceDefect> {
        guard let backend = resources.backends[key] else {
            return .failure(
                .backendNotFound, "Backend \(key) does not exist", dependsOn: .backend,
                follows: [ProblemCause(.backend, key)])
        }
        if let defect = backend.defect {
            return .failure(
                .backendNotFound, "Backend \(key) is invalid: \(defect)", follows: [ProblemCause(.backend, key)])
        }
        if let defect = defect(of: backend) {
            return .failure(
                ReferenceDefect(
                    reason: .refNotPermitted, message: "Backend \(key): \(defect)",
                    follows: [ProblemCause(.backend, key)],
                    id: .unusableTarget))
        }
        if let refusal = Self.protocolRefusal(backend.appProtocol) {
            return .failure(.unsupportedProtocol, "Backend \(key) \(refusal)")
        }
        return .success(.backend(key))
    }

    /// Only an explicit `appProtocol` is held against a backend: unknown ones and port names are not (GEP-1911).
    private static func protocolRefusal(_ declared: String?) -> String? {
        guard let declared, case .otherHTTP = ProtocolDeclaration(declared) else { return nil }
        return "declares appProtocol \(declared); only HTTP/1.1 is spoken to backends"
    }
}

extension [ProblemCause] {
    /// Causes for which a Service may lack a port: its ports are wrong, or another field was meant for them.
    static func missingPort(of service: ObjectKey) -> Self {
        [
            ProblemCause(.service, service, field: "spec.ports"),
            ProblemCause(.service, service, field: "spec", isCertain: false),
        ]
    }
}

extension ReferenceDefect: Error {}

extension Result where Failure == ReferenceDefect {
    static func failure(
        _ reason: ReferenceDefect.Reason, _ message: String, dependsOn: ResourceKinds = [],
        follows: [ProblemCause] = []
    ) -> Self {
        .failure(ReferenceDefect(reason: reason, message: message, dependsOn: dependsOn, follows: follows))
    }
}
