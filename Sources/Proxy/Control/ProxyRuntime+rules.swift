internal import Reactor
internal import Telemetry

/// A sidecar's eye on the rules that bring it the pod's connections.
extension ProxyRuntime {
    /// Begins to look; a gateway's connections are addressed to it, and need no rules.
    func watchRules() {
        guard case .sidecar(_, _, let outbound, let inbound) = options.role, options.rulesInterval > 0 else { return }
        let watch = RulesWatch(
            loop: loop, outboundPort: outbound, inboundPort: inbound, expected: options.expectedRules,
            interval: options.rulesInterval,
            areDoorsOpen: { [unowned self] in !isDraining && workers.allSatisfy(\.worker.control.areDoorsOpen) },
            redirected: { [unowned self] in redirectedConnections }
        ) { [unowned self] rules in
            metrics.update { $0.redirectRules = rules.areInPlace }
            ProxyRuntime.report(rules)
        }
        rulesWatch = watch
        watch.look()
    }

    /// Connections that came to the doors because something turned them there.
    private var redirectedConnections: UInt64 {
        workers.reduce(0) { sum, thread in
            let shard = thread.worker.shard
            let taken = shard.value(.connectionsOpened, .outbound) &+ shard.value(.connectionsOpened, .inbound)
            let refused = shard.value(.loopRefusals)
            return sum &+ (taken > refused ? taken - refused : 0)
        }
    }

    private static func report(_ rules: RedirectRules) {
        switch rules.state {
        case .inPlace:
            Log.info("rules", "the redirect rules are in place")
        case .missing:
            let paths = rules.lacking.map(\.description).joined(separator: ", ")
            Log.warn(
                "rules",
                """
                redirect rules are missing (\(paths)): these connections pass the proxy by, without routes, timeouts and metrics; \
                'weir intercept install' in the pod's network puts the rules there
                """)
        case .unknown:
            Log.warn(
                "rules",
                """
                connections are redirected by rules that cannot be checked, those of an older version or not Weir's own: whether \
                they are complete is not known; 'weir intercept install' in the pod's network brings them up to date
                """)
        case .none:
            Log.info(
                "rules",
                "there are no redirect rules: only what something else redirects to the doors passes this proxy")
        }
    }
}
