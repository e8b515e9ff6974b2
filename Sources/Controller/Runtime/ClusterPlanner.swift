package import GatewayAPI
internal import Kubernetes
package import Routing

/// Plans for a cluster. Pure, and all that grows with the cluster is done here, away from the controller's loop.
package struct ClusterPlanner: Sendable {
    package typealias Routes = @Sendable (ResourceSet, StatusFacts, BackendPolicy, PlanInterruption) -> RoutePlan

    private let planRoutes: Routes

    /// - Parameter planRoutes: what routes come to; nil for the planner itself.
    package init(planRoutes: Routes? = nil) {
        self.planRoutes = planRoutes ?? Self.makePlanner()
    }

    /// Regular expressions are judged once, and not again by each plan.
    private static func makePlanner() -> Routes {
        let expressions = ExpressionCache(keepsPrograms: false)
        return {
            defer { expressions.settle() }
            return RoutePlanner.plan(
                resources: $0, scope: .cluster, facts: $1, backends: $2, expressions: expressions,
                keepsMatches: false, interruption: $3)
        }
    }

    struct Provisioning: Sendable {
        var result: ProvisioningPlanner.Result
        var ownClasses: [String: Bool]
        /// Who may read what proxies read.
        var subjects: ProxySubjects
    }

    /// - Parameters:
    ///   - parameters: the ConfigMaps that are known.
    ///   - secrets: the Secrets that are.
    ///   - before: what the last plan came to. What is as it was keeps its storage, so that comparing it costs nothing.
    func provisioning(
        _ picture: ClusterPicture, settings: ProvisioningSettings, parameters: [ObjectKey: NamedObjectState],
        secrets: [ObjectKey: NamedObjectState], before: [ObjectKey: ProvisioningPlan]
    ) -> Provisioning {
        var result = ProvisioningPlanner.plan(
            picture.resources, objects: picture.gatewayObjects, settings: settings,
            configMap: { parameters[$0] ?? .unknown }, secret: { secrets[$0] ?? .unknown })
        for (key, plan) in before where result.plans[key] == plan { result.plans[key] = plan }
        let subjects = ProxySubjects(
            picture.resources, objects: picture.gatewayObjects, names: result.names, settings: settings)
        return Provisioning(result: result, ownClasses: picture.ownClasses, subjects: subjects)
    }

    struct Outcome: Sendable {
        var wantedSecrets: Set<ObjectKey>
        var report: StatusReport
        /// Objects of which the report says something else than the one before.
        var changed: [ResourceID]
        /// A share for each namespace, for the log.
        var problems: [Problem]
        var problemCount: Int
    }

    /// - Parameters:
    ///   - backends: what the operator lets Backends name.
    ///   - before: what was reported last; nil at first.
    ///   - interruption: by which the loop may give it up. Nil comes of that.
    func routes(
        _ picture: ClusterPicture, facts: StatusFacts, backends: BackendPolicy, before: StatusReport?,
        interruption: PlanInterruption
    ) -> Outcome? {
        let plan = planRoutes(picture.resources, facts, backends, interruption)
        if plan.isInterrupted { return nil }
        var report = plan.statuses
        report.addRefused(picture.refused, picture.resources)
        return Outcome(
            wantedSecrets: plan.wantedSecrets, report: report,
            changed: StatusWriter.differences(before ?? StatusReport(), report),
            problems: ProblemShares.pick(picture.allProblems + plan.problems), problemCount: plan.problems.count)
    }
}
