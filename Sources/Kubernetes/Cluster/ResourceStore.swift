internal import GatewayAPI

/// What a cluster's objects were when they were last good, and what is wrong with their present state. Collects what
/// changes until it is taken.
struct ResourceStore {
    private(set) var resources = ResourceSet()
    private(set) var change = SourceChange()
    /// A change has been taken; before that everything is new, and a list of it would only take room.
    private var isTold = false
    private var problemsOf: [ResourceID: [Problem]] = [:]
    private var hasMoreProblems = false
    private var compaction: Compaction
    /// Nil where everything is kept.
    private var kept: KeptObjects?
    /// Namespaces that something stands for as a whole.
    private var closedNamespaces: Set<String> = []
    /// Kinds of which objects had no room, and there may be room now.
    private(set) var regained: Set<ResourceKind> = []
    private let scope: ClusterScope
    /// The Gateway that is served once its class is ours.
    private var candidate: Gateway?
    /// Why it is not served.
    private var refusal: Problem?
    /// Whether all classes there are have been seen; before that, none can be said to be missing.
    private var knowsClasses = false

    init(_ scope: ClusterScope) {
        self.scope = scope
        compaction = Compaction(scope)
        kept = KeptObjects(scope)
    }

    /// By object.
    var problems: [Problem] {
        var problems = problemsOf.sorted { ($0.key.kind.rawValue, $0.key.key) < ($1.key.kind.rawValue, $1.key.key) }
            .flatMap(\.value)
        if let refusal { problems.append(refusal) }
        if hasMoreProblems {
            problems.append(
                Problem(
                    severity: .error, id: .moreProblems, object: "",
                    message: "more objects have problems than are reported here"))
        }
        return problems
    }

    mutating func takeChange() -> SourceChange {
        settle()
        openNamespaces()
        defer { change = SourceChange() }
        isTold = true
        return change
    }

    /// Tells of Services whose endpoints have become known, or are not known any more.
    mutating func noteEndpoints(of services: some Sequence<ObjectKey>) {
        change.endpointsChanged.formUnion(services)
    }

    mutating func noteProblems() { change.problemsChanged = true }

    mutating func clearProblemsChanged() { change.problemsChanged = false }

    // MARK: Objects

    /// An object as the server has it now. One that cannot be used keeps its last good state.
    mutating func put(_ object: Node, as kind: ResourceKind) {
        var found: [Problem] = []
        switch ResourceDecoder.decode(object, file: "", problems: &found) {
        case .resource(let id, var resource):
            if let problem = SecretInspection.inspect(&resource) { found.append(problem) }
            let compact = compaction.keep(resource)
            // What has no room has been reported as that.
            if admit(id, compact) { report(compact == nil ? [] : found, of: id) }
        case .refused(let named, let remains):
            guard let id = named ?? object.objectKey.map({ ResourceID(kind: kind, key: $0) }) else { return }
            if let remains, resources.httpRoutes[id.key] == nil {
                guard admit(id, compaction.keep(.unservedRoute(remains))) else { return }
            } else if self[id] != nil {
                found.append(
                    Problem(
                        severity: .warning, id: .lastGoodInUse, object: id.description,
                        message: "its last good state stays in use"))
            }
            report(found, of: id)
        case .passedOver: return
        }
    }

    mutating func remove(_ id: ResourceID) {
        kept?.note(id, nil)
        set(id, nil)
        report([], of: id)
    }

    // MARK: Room

    /// Keeps an object, if there is room for it. False if something stands in its place.
    private mutating func admit(_ id: ResourceID, _ resource: Resource?) -> Bool {
        kept?.note(id, resource)
        set(id, resource)
        if kept?.isOverflowing(id) ?? false { settle() }
        return !(kept?.isRefused(id) ?? false)
    }

    /// Lets go of what there is no room for.
    private mutating func settle() {
        guard var kept, kept.isUnsettled else { return }
        let (refused, regained) = kept.settle()
        self.kept = kept
        self.regained.formUnion(regained)
        var reasons: [String: String] = [:]
        for (id, refusal) in refused {
            guard let resource = self[id] else { continue }
            let reason = refusal.reason(id.key.namespace)
            set(id, kept.standIn(for: resource, reason))
            reasons[id.key.namespace] = reason
            report([Problem(severity: .error, id: .budget, object: id.description, message: reason)], of: id)
        }
        for (namespace, reason) in reasons {
            for standIn in kept.standIns(for: namespace, reason) {
                place(standIn.id, standIn)
                closedNamespaces.insert(namespace)
            }
        }
    }

    /// Namespaces of which nothing is refused any more are open again.
    private mutating func openNamespaces() {
        for namespace in closedNamespaces where !(kept?.isShort(namespace) ?? false) {
            closedNamespaces.remove(namespace)
            for kind in [ResourceKind.httpRoute, .backendTLSPolicy] {
                place(ResourceID(kind: kind, key: KeptObjects.everything(namespace)), nil)
            }
        }
    }

    /// Kinds that are worth reading again.
    mutating func takeRegained() -> Set<ResourceKind> {
        defer { regained = [] }
        return regained
    }

    /// The server does not serve the kind any more.
    mutating func removeAll(of kind: ResourceKind) {
        for id in ids(of: kind) { remove(id) }
        for id in problemsOf.keys where id.kind == kind { report([], of: id) }
    }

    /// Keys of the EndpointSlices of the Services that `isIncluded` names, each with its Service.
    func slices(_ isIncluded: (ObjectKey) -> Bool) -> [(slice: ObjectKey, service: ObjectKey)] {
        resources.endpointSlices.values.compactMap { slice in
            guard let service = slice.service, isIncluded(service) else { return nil }
            return (slice.metadata.key, service)
        }
    }

    private subscript(id: ResourceID) -> Resource? {
        if id.kind == .gateway, case .gateway = scope { return candidate.map(Resource.gateway) }
        return resources[id]
    }

    private mutating func set(_ id: ResourceID, _ resource: Resource?) {
        if id.kind == .gateway, case .gateway(let own, _) = scope {
            guard id.key == own else { return }
            candidate = if case .gateway(let gateway)? = resource { gateway } else { nil }
            return admit()
        }
        place(id, resource)
        if id.kind == .gatewayClass { admit() }
    }

    private mutating func place(_ id: ResourceID, _ resource: Resource?) {
        let old = resources[id]
        guard old != resource else { return }
        if let resource { resources.insert(resource) } else { resources.remove(id) }
        change.note(old, resource, listsServices: isTold)
    }

    private func ids(of kind: ResourceKind) -> [ResourceID] {
        let keys: [ObjectKey] =
            switch kind {
            case .gatewayClass: resources.gatewayClasses.values.map(\.metadata.key)
            case .gateway: candidate.map { [$0.metadata.key] } ?? Array(resources.gateways.keys)
            case .httpRoute:
                Array(resources.httpRoutes.keys) + resources.unservedRoutes.keys.filter { $0.kind == kind }.map(\.key)
            case .service: Array(resources.services.keys)
            case .endpointSlice: Array(resources.endpointSlices.keys)
            case .namespace: resources.namespaces.values.map(\.metadata.key)
            case .referenceGrant: Array(resources.referenceGrants.keys)
            case .backend: Array(resources.backends.keys)
            case .secret: Array(resources.secrets.keys)
            case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute:
                resources.unservedRoutes.keys.filter { $0.kind == kind }.map(\.key)
            case .backendTLSPolicy, .backendTrafficPolicy:
                resources.unservedPolicies.keys.filter { $0.kind == kind }.map(\.key)
            case .listenerSet: Array(resources.listenerSets.keys)
            }
        return keys.map { ResourceID(kind: kind, key: $0) }
    }

    // MARK: The class of the Gateway

    /// Every GatewayClass has been put, or the kind is not served.
    mutating func settleClasses() {
        knowsClasses = true
        admit()
    }

    private mutating func admit() {
        guard knowsClasses, case .gateway(let key, let admission) = scope else { return }
        let isOurs = candidate.map { admission.admits($0, resources.gatewayClasses) || isHeld($0, key) } ?? false
        place(ResourceID(kind: .gateway, key: key), isOurs ? candidate.map(Resource.gateway) : nil)
        let refusal = isOurs ? nil : candidate.map { Self.refusal(of: $0, admission) }
        guard refusal != self.refusal else { return }
        self.refusal = refusal
        change.problemsChanged = true
    }

    /// A Gateway that is being served and now names a class that does not exist: a slip, until the class says
    /// otherwise.
    private func isHeld(_ gateway: Gateway, _ key: ObjectKey) -> Bool {
        resources.gateways[key] != nil && resources.gatewayClasses[gateway.gatewayClassName] == nil
    }

    private static func refusal(of gateway: Gateway, _ admission: GatewayAdmission) -> Problem {
        Problem(
            severity: .error, id: .notOurs, object: "Gateway \(gateway.metadata.key)", field: "spec.gatewayClassName",
            value: gateway.gatewayClassName,
            message: "must be a class whose controllerName is \(admission.controller); the Gateway is not served")
    }

    // MARK: Problems

    private mutating func report(_ found: [Problem], of id: ResourceID) {
        // Whether every field is known matters to who checks, not to who serves.
        let kept = found.filter { problem in
            if case .cluster = scope { return true }
            return problem.severity == .error
        }.prefix(ClusterLimits.reportedProblems)
        let old = problemsOf[id]
        guard old ?? [] != Array(kept) else { return }
        guard !kept.isEmpty else {
            problemsOf[id] = nil
            if problemsOf.count < ClusterLimits.reportedObjects / 2 { hasMoreProblems = false }
            return change.problemsChanged = true
        }
        if old != nil || problemsOf.count < ClusterLimits.reportedObjects {
            problemsOf[id] = Array(kept)
        } else {
            hasMoreProblems = true
        }
        change.problemsChanged = true
    }
}

extension EndpointSlice {
    /// The Service it belongs to, which is in its own namespace.
    var service: ObjectKey? { serviceName.map { ObjectKey(namespace: metadata.key.namespace, name: $0) } }
}

extension Resource {
    fileprivate var id: ResourceID {
        switch self {
        case .unservedRoute(let route): route.id
        case .unservedPolicy(let policy): policy.id
        default: ResourceID(kind: .httpRoute, key: metadata.key)
        }
    }
}

extension SharedRoom.Refusal {
    /// As the rest of a sentence that begins with the object.
    fileprivate func reason(_ namespace: String) -> String {
        switch self {
        case .tenantLimit(let limit):
            "is one of the newest of namespace \(namespace), whose objects come to more than the \(limit) bytes that a proxy keeps "
                + "of a namespace; it is not kept, and what it was to guard answers 500"
        case .share(let share, let total):
            "is one of the newest of namespace \(namespace), whose share of the \(total) bytes that a proxy keeps of other "
                + "namespaces' objects is \(share); it is not kept, and what it was to guard answers 500"
        }
    }
}
