internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Routing
internal import Telemetry

/// Lines for the operator about what is served, and from where.
extension ProxyRuntime {
    /// At the start, before anything is read.
    func announceStart() {
        Log.info(
            "proxy",
            """
            weir \(options.version): \(options.role.summary), resources from \(source.name), \(options.workers) \
            worker\(options.workers == 1 ? "" : "s"), admin on \(options.admin), telemetry on \(options.telemetry)
            """)
        if descriptors.isScarce { announceScarceDescriptors() }
    }

    private func announceScarceDescriptors() {
        Log.warn(
            "proxy",
            """
            the process may have \(descriptors.limit) descriptors open (RLIMIT_NOFILE, the hard limit of ulimit -n): \
            each of \(options.workers) workers holds \(options.shares.limit) connections of clients at a door, further clients \
            wait; at least \(DescriptorBudget.recommended) are recommended
            """)
    }

    /// Once what this process serves is known, and after each change of routes since.
    func announceReload() {
        act(on: reloadLine.changed(now: Clock.now()))
    }

    private func act(on verdict: ReloadLine.Verdict) {
        switch verdict {
        case .none: break
        case .wait(let delay):
            loop.after(delay) { [unowned self] in act(on: reloadLine.due(now: Clock.now())) }
        case .write(let changes):
            Log.info("routes", summary(of: builder.latestPlan) + (changes > 1 ? " (\(changes) changes)" : ""))
        }
    }

    private func summary(of plan: RoutePlan) -> String {
        let served =
            switch options.role {
            case .gateway:
                "listeners \(plan.listeners.filter(\.isUsable).count) of \(plan.listeners.count) served"
            case .sidecar:
                """
                \(plan.services.filter(\.isRouted).count) Service ports with routes, \
                \(plan.inboundPorts.filter { !$0.members.isEmpty }.count) ports of the pod guarded
                """
            }
        let failing = plan.rules.filter { $0.action.isFailure }.count
        return """
            snapshot \(latest?.version ?? 0) from \(source.name): \(served), \(plan.rules.count) rules\
            \(failing > 0 ? " of which \(failing) answer 500" : ""), \(problems.count) problems, compiled in \
            \(builder.compileNanoseconds / ProxyLimits.millisecond) ms
            """
    }
}

extension ProxyOptions.Role {
    /// Whom this process serves, and through which ports.
    fileprivate var summary: String {
        switch self {
        case .gateway(let key, let bind, let offset):
            "gateway for \(key) on \(bind.host)" + (offset > 0 ? ", listeners' ports + \(offset)" : "")
        case .sidecar(let pod, let addresses, let outbound, let inbound):
            """
            sidecar of \(pod) (\(addresses.map(\.description).joined(separator: ", "))), outbound \(outbound), \
            inbound \(inbound)
            """
        }
    }
}
