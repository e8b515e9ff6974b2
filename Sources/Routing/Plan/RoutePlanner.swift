package import GatewayAPI

/// Turns resources into a plan: who attaches where, what delegation expands to, what every rule does, and what has to
/// be said about it. Pure: the same resources, scope and past give the same plan, in the same order.
package enum RoutePlanner {
    package static let gatewayController = "weir.dev/gateway-controller"
    package static let meshController = "weir.dev/mesh-controller"
    /// The class that is ours even where no GatewayClass object says so (a folder of manifests).
    package static let gatewayClassName = "weir"

    /// Ports that a gateway listens on for itself: admin and telemetry.
    package static let ownPorts: Set<UInt16> = [15000, 15020]

    /// Plans one scope.
    ///
    /// In scope `.cluster` a Service carries its producer routes; consumer routes are planned for their problems and
    /// status, and take effect in the `.sidecar` scope of a pod in their namespace.
    ///
    /// - Parameter directory: has the Services without routes, which are then no part of the plan. nil plans them all,
    ///   for whoever looks at one of them.
    /// - Parameter lastGood: what the gateway planned for has served with; nothing for whoever serves nothing.
    /// - Parameter backends: what the operator lets Backends name.
    /// - Parameter expressions: what is known of regular expressions; for whoever plans more than once, or lays out a
    ///   table.
    /// - Parameter called: the Services, besides the pod's own, whose routes a sidecar plans; the others with routes
    ///   have frontends that say no more than that. nil plans all.
    /// - Parameter interruption: by which somebody else may end it; the plan then says so, and nothing else.
    /// - Parameter keepsMatches: whoever only tells what is wrong needs no frontend's matches once they have been
    ///   looked at, and in scope `.cluster` all frontends together may have very many.
    package static func plan(
        resources: ResourceSet, scope: PlanScope, facts: StatusFacts = StatusFacts(),
        directory: ServiceDirectory? = nil, lastGood: LastGoodCertificates = LastGoodCertificates(),
        backends: BackendPolicy = BackendPolicy(),
        expressions: ExpressionCache = ExpressionCache(keepsPrograms: false), called: Set<ObjectKey>? = nil,
        keepsMatches: Bool = true, interruption: PlanInterruption? = nil
    ) -> RoutePlan {
        func builder(_ delegations: DelegationBudget) -> PlanBuilder {
            let builder = PlanBuilder(
                resources: resources, scope: scope, facts: facts, directory: directory, lastGood: lastGood,
                backends: backends, expressions: expressions, called: called, delegations: delegations)
            builder.keepsMatches = keepsMatches
            builder.interruption = interruption
            builder.run()
            builder.plan.isInterrupted = builder.isInterrupted
            return builder
        }
        let first = builder(DelegationBudget())
        // What the children of some root ask for is known only now: all of them have a fair part of it from the
        // beginning.
        guard !first.isInterrupted, let fairer = first.delegations.fairer else { return first.plan }
        return builder(fairer).plan
    }
}
