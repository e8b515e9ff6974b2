internal import GatewayAPI

/// Which rules of the standard judge a route: those for Gateways or those for Services.
enum ParentKind: Hashable {
    case gateway
    case mesh

    var controllerName: String {
        switch self {
        case .gateway: RoutePlanner.gatewayController
        case .mesh: RoutePlanner.meshController
        }
    }
}

/// The state of one planning run. Each aspect of the work lives in an extension of its own.
final class PlanBuilder {
    let resources: ResourceSet
    let scope: PlanScope
    let facts: StatusFacts
    let index: ResourceIndex
    /// Has the Services without routes, unless the plan has them.
    let directory: ServiceDirectory?
    let lastGood: LastGoodCertificates
    let tlsDemands: BackendTLSDemands
    let backendPolicy: BackendPolicy
    /// Made of all Services when the first Backend is looked at.
    lazy var backendScreen = BackendScreen(backendPolicy, services: resources.services)
    lazy var endpointAddresses = resources.endpointAddresses
    /// Why Backends that were looked at cannot be used.
    var backendDefects: [ObjectKey: String?] = [:]
    let expressions: ExpressionCache
    var interruption: PlanInterruption?
    /// Nobody wants the plan any more: what is left of the work is skipped.
    var isInterrupted: Bool { interruption?.isRequested ?? false }
    /// The matches of frontends stay in the plan when they have been looked at.
    var keepsMatches = true
    /// The Services whose routes are planned; nil for all.
    let called: Set<ObjectKey>?
    /// By namespace, the routes that are beyond its budget.
    var budgets: [String: NamespaceBudget] = [:]
    var plan = RoutePlan()

    /// Positions in `plan.backends`.
    var backendPositions: [BackendKey: Int] = [:]
    var verdicts: [ObjectKey: [RuleVerdict]] = [:]
    var actions: [RuleUse: PlannedRule.Action] = [:]
    var compiled: [RouteUse: [PlannedMatch]] = [:]
    var findings: [RouteUse: RouteFindings] = [:]
    var childUses: [ChildUse: ChildOutcome] = [:]
    /// Entries of `status.parents` that wait for the findings of every expansion.
    var pendingParents: [PendingParent] = []
    /// What the Accepted condition says besides: nothing that keeps the route from being attached.
    var notes: [RouteUse: [String]] = [:]
    /// Routes that some frontend or parent serves.
    var servedRoutes: Set<ObjectKey> = []
    var delegations: DelegationBudget
    /// What each route comes to, by the child that it is from.
    var partSizes: [RouteUse: [ObjectKey?: Int]] = [:]
    /// By Service, what there is no room for.
    var meshSubstitutes: [ObjectKey: Substitutes] = [:]
    var serviceMatches: [ServiceRouteSet: [PlannedMatch]] = [:]
    /// As those of `serviceMatches`, without calls that are to be made over TLS.
    var outboundMatches: [ServiceRouteSet: [PlannedMatch]] = [:]
    /// Routes with matches at the listeners of a Gateway; kept as the next ones are.
    var servingRoutes: [ObjectKey: Set<ObjectKey>] = [:]
    /// What the backendRefs of routes lead to; kept where the status of some policy depends on it.
    var reachedBackends: [RouteUse: Set<BackendKey>] = [:]
    private var reported: Set<Problem> = []

    init(
        resources: ResourceSet, scope: PlanScope, facts: StatusFacts, directory: ServiceDirectory?,
        lastGood: LastGoodCertificates, backends: BackendPolicy, expressions: ExpressionCache,
        called: Set<ObjectKey>?, delegations: DelegationBudget
    ) {
        self.delegations = delegations
        backendPolicy = backends
        self.called = called
        self.expressions = expressions
        self.directory = directory
        self.lastGood = lastGood
        self.resources = resources
        self.scope = scope
        self.facts = facts
        self.index = ResourceIndex(resources)
        tlsDemands = BackendTLSDemands(resources.unservedPolicies)
    }

    func run() {
        expandRoots()
        switch scope {
        case .gateway(let key):
            if let gateway = resources.gateways[key] { planGateway(gateway) }
        case .sidecar(let pod, let addresses):
            let attachments = attachServices()
            makeRoom(attachments, clientNamespace: pod.namespace)
            planServices(attachments, clientNamespace: pod.namespace)
            planInbound(attachments, pod: pod, addresses: addresses)
        case .cluster:
            planGatewayClasses()
            for key in resources.gateways.keys.sorted() {
                guard !isInterrupted, let gateway = resources.gateways[key] else { continue }
                if isOurs(gateway) { planGateway(gateway) } else { reportForeignGateway(gateway) }
                settleListeners()
            }
            let attachments = attachServices()
            makeRoom(attachments, clientNamespace: nil)
            planServices(attachments, clientNamespace: nil)
            planConsumers(attachments)
            planBackendStatus()
            reportUnservedRoutes()
            planUnservedKinds(attachments)
            reportIdlePathRules(attachments)
            reportIdleHostnames()
            reportShadowedMatches()
        }
        applyPathRules()
        finishRouteStatus()
    }

    /// Says something once, however many frontends run into it.
    func report(_ problem: Problem) {
        if reported.insert(problem).inserted { plan.problems.append(problem) }
    }

    func report(
        _ severity: Problem.Severity = .error, id: ProblemID, route: ObjectKey, field: String,
        value: String = "", dependsOn: ResourceKinds = [], follows: [ProblemCause] = [], _ message: String
    ) {
        report(
            Problem(
                severity: severity, id: id, object: "HTTPRoute \(route)", field: field, value: value, message: message,
                dependsOn: dependsOn, follows: follows))
    }

    func position(of backend: BackendKey) -> Int {
        if let position = backendPositions[backend] { return position }
        let position = plan.backends.count
        plan.backends.append(backend)
        backendPositions[backend] = position
        return position
    }
}

/// One rule of one route, under the rules of one kind of parent.
struct RuleUse: Hashable {
    var route: ObjectKey
    var rule: Int
    var kind: ParentKind
}

/// One route under the rules of one kind of parent.
struct RouteUse: Hashable {
    var route: ObjectKey
    var kind: ParentKind
}
