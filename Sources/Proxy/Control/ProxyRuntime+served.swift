internal import Reactor
internal import Telemetry

/// What the workers serve, which is what was published last unless one does not come to take it up.
extension ProxyRuntime {
    /// The oldest version that a worker serves; 0 before each serves one.
    var servedVersion: UInt64 { workers.map(\.worker.control.adoptedVersion).min() ?? 0 }

    /// Seconds since the snapshot was published that is served; nil before each worker serves one.
    var servedAge: UInt64? {
        history.entry(served: servedVersion).map { (Clock.now() &- $0.at) / ProxyLimits.second }
    }

    /// The same moment by the wall clock, in milliseconds since 1970; 0 before it.
    var servedWall: UInt64 { history.entry(served: servedVersion)?.wall ?? 0 }

    /// Workers that should serve a later snapshot by now.
    var workersBehind: Int {
        let now = Clock.now()
        return workers.count { history.isBehind($0.worker.control.adoptedVersion, now: now) }
    }

    func notePublished(_ version: UInt64, at now: UInt64, wall: UInt64) {
        history.served(since: servedVersion)
        history.published(version, at: now, wall: wall)
        checkServedLater()
    }

    private func checkServedLater() {
        guard !isServedCheckDue else { return }
        isServedCheckDue = true
        loop.after(PublicationHistory.patience) { [unowned self] in
            isServedCheckDue = false
            checkServed()
        }
    }

    /// Says once that a worker is behind, and once that none is any more.
    private func checkServed() {
        let behind = workersBehind
        if behind > 0 && !isBehindLogged {
            isBehindLogged = true
            Log.error(
                "proxy",
                "\(behind) of \(workers.count) workers have not taken up snapshot \(latest?.version ?? 0); they serve snapshot \(servedVersion) and the process is not ready until they have"
            )
        } else if behind == 0 && isBehindLogged {
            isBehindLogged = false
            Log.info("proxy", "every worker serves snapshot \(servedVersion)")
        }
        if servedVersion < latest?.version ?? 0 { checkServedLater() }
    }

    func updateServedMetrics() {
        history.served(since: servedVersion)
        let served = history.entry(served: servedVersion)
        metrics.update {
            $0.servedVersion = servedVersion
            $0.snapshotNanoseconds = served?.at
            $0.snapshotWallMilliseconds = served?.wall ?? 0
            $0.workersBehind = UInt64(workersBehind)
        }
    }
}
