internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Routing
internal import Telemetry

/// A plan goes to and fro: what Gateways need is decided beside the loop, what is known of their objects is gathered on
/// it, and what routes and statuses follow is decided beside it again, all from one picture. Meanwhile the loop takes
/// in what changes; one more plan follows, with everything that has come by then.
extension ClusterController {
    /// A plan that takes longer is worth a line. Nanoseconds.
    private static let patience: UInt64 = 10_000_000_000

    func plan(_ done: @escaping () -> Void) {
        guard isActive, let configMaps, let secrets else { return done() }
        let (planner, settings, picture, term) = (planner, settings, picture, term)
        let (parameters, certificates, before) = (configMaps.states, secrets.states, planCounters.provisioning)
        let watch = loop.after(Self.patience) { Self.reportSlowness() }
        planCounters.begin(now: Clock.now())
        let interruption = beginInterruptible()
        let end = { [weak self] (isGivenUp: Bool) in
            guard let self else { return }
            loop.cancel(watch)
            endInterruptible(isGivenUp: isGivenUp)
            planCounters.end(now: Clock.now())
            done()
        }
        background.run {
            planner.provisioning(
                picture, settings: settings, parameters: parameters, secrets: certificates, before: before)
        } _: { [weak self] provisioning in
            guard let self, isActive, term == self.term else { return end(false) }
            planCounters.provisioning = provisioning.result.plans
            configMaps.want(provisioning.result.configMaps)
            provisioner.setPlans(provisioning.result.plans)
            finalizers.want(provisioning.ownClasses)
            binding.want(provisioning.subjects)
            let (facts, report) = (facts(provisioning.result), statuses.report)
            background.run {
                planner.routes(
                    picture, facts: facts, backends: settings.backends, before: report, interruption: interruption)
            } _: { [weak self] routes in
                guard let self, isActive, term == self.term, let routes else { return end(routes == nil) }
                secrets.want(routes.wantedSecrets.union(provisioning.result.certificates))
                statuses.update(routes.report, changed: routes.changed)
                statuses.start()
                planCounters.problems = routes.problemCount
                routesLog.update(routes.problems)
                planCounters.count += 1
                end(false)
                Log.debug(
                    "plan", "plan \(planCounters.count) took \(planCounters.lastDuration / 1_000_000) ms")
            }
        }
    }

    // MARK: Giving up

    private func beginInterruptible() -> PlanInterruption {
        let interruption = PlanInterruption()
        self.interruption = interruption
        planPatience.begin(now: Clock.now())
        return interruption
    }

    private func endInterruptible(isGivenUp: Bool) {
        planPatience.end(isGivenUp: isGivenUp)
        if let giveUp { loop.cancel(giveUp) }
        giveUp = nil
        interruption = nil
    }

    /// There is something new: the plan under way is given up when it has taken long.
    func outdatePlan() {
        guard giveUp == nil, let interruption, let due = planPatience.due() else { return }
        let now = Clock.now()
        giveUp = loop.after(due > now ? due - now : 0) { [weak self] in
            self?.giveUp = nil
            interruption.request()
        }
    }

    private static func reportSlowness() {
        Log.warn(
            "plan",
            "a plan of the cluster has been going on for \(patience / 1_000_000_000) s; statuses and gateways follow changes late; "
                + "weir check --kubernetes shows what it is made of")
    }
}

/// What plans have come to; for metrics, and what the next one is compared with.
struct PlanCounters {
    /// Complete ones.
    var count: UInt64 = 0
    /// Nanoseconds that the last one took.
    private(set) var lastDuration: UInt64 = 0
    var problems = 0
    var provisioning: [ObjectKey: ProvisioningPlan] = [:]
    private var began: UInt64?

    /// Nanoseconds that the one under way has taken; 0 when none is.
    func running(now: UInt64) -> UInt64 { began.map { now &- $0 } ?? 0 }

    mutating func begin(now: UInt64) { began = now }

    mutating func end(now: UInt64) {
        lastDuration = running(now: now)
        began = nil
    }
}
