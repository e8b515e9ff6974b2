internal import Balancing
internal import GatewayAPI
internal import Glibc
internal import Kubernetes
internal import Reactor
internal import Resolver
internal import Telemetry

/// What goes on while the workers serve: health, signals, the end.
extension ProxyRuntime {
    /// What has come due between events; returns how long to wait at most.
    func turn() -> Int32 {
        let now = Clock.now()
        var wait = Int32.max
        if let wake = resolver?.nextWake(now: now), wake <= now { stepResolver() }
        // Asked again: the questions just put have timeouts of their own.
        if let wake = resolver?.nextWake(now: now) { wait = min(wait, ProxyRuntime.milliseconds(max(wake, now) - now)) }
        if let drainDeadline {
            if workers.allSatisfy(\.worker.control.isFinished) {
                loop.stop()
            } else if now >= drainDeadline {
                Log.warn("proxy", "drain timeout: requests in flight are cut")
                stopWorkers()
                loop.stop()
            }
            wait = min(wait, 20)
        }
        return wait == Int32.max ? -1 : wait
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Int32 {
        Int32(clamping: nanoseconds / ProxyLimits.millisecond + 1)
    }

    /// The first snapshot is in, every worker has it and its doors listen, none is behind, and nothing drains.
    var isReady: Bool {
        guard drainDeadline == nil, servingSince > 0, isSourceKnown else { return false }
        return workersBehind == 0
            && workers.allSatisfy {
                $0.worker.control.adoptedVersion >= servingSince && $0.worker.control.areDoorsOpen
            }
    }

    /// A source that was never read says nothing: to serve without it would be to serve without its routes. A gateway
    /// whose Gateway does not exist waits for it as well.
    var isSourceKnown: Bool {
        guard source.isKnown else { return false }
        guard case .gateway(let key, _, _) = options.role else { return true }
        return source.resources.gateways[key] != nil
    }

    var isDraining: Bool { drainDeadline != nil }

    /// The pod is going: whoever called it is to find another, while everything is served as before.
    func leave() {
        Log.info("proxy", "leaving: callers are told to connect elsewhere")
        for thread in workers {
            thread.worker.control.leave()
            thread.worker.wakeup.signal()
        }
    }

    func takeSignals() {
        while let signal = signals.next() {
            switch signal {
            case SIGHUP:
                source.reload()
            case _ where isDraining:
                stopWorkers()
                loop.stop()
            default:
                Log.info("proxy", "draining")
                drainDeadline = Clock.now() + options.drainTimeout
                for thread in workers {
                    thread.worker.control.drain()
                    thread.worker.wakeup.signal()
                }
            }
        }
    }

    private func stopWorkers() {
        for thread in workers {
            thread.worker.control.stop()
            thread.worker.wakeup.signal()
        }
    }

    func renderMetrics() -> [UInt8] {
        _ = accessLog.drain()
        updateServedMetrics()
        metrics.update { $0.ready = isReady }
        var writer = ExpositionWriter()
        EndpointHealth(endpointReports.standings, in: latest).render(to: &writer)
        return metrics.render(now: Clock.now()) + writer.bytes
    }
}
