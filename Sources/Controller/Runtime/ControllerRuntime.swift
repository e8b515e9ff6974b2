internal import ControlHTTP
internal import GatewayAPI
internal import Glibc
internal import Kubernetes
package import Reactor
internal import Telemetry

/// A running controller. Every replica watches, serves the API and answers the webhook; the one that holds the lease
/// writes.
///
/// The calling thread's loop has the probes, the lease, the watches and all writing; nothing on it takes long. The
/// webhook, which strangers may reach, has a thread of its own, and so has planning, which takes the longer the more
/// there is to plan.
package final class ControllerRuntime {
    let options: ControllerOptions
    let loop: EventLoop
    private let signals: SignalSource
    var cluster: ClusterController?
    var election: LeaderElection?
    var injection: InjectionServer?
    var webhookThread: LoopThread?
    var clientAuthorities: ClientAuthorities?
    var telemetry: HTTPServer?
    var folder: FolderFeed?
    var cache: ObjectCache?
    var served: HTTPServer?
    var servedAPI: ServedAPI?
    var isDraining = false

    package init(_ options: ControllerOptions) throws(SystemError) {
        self.options = options
        signals = try SignalSource([SIGTERM, SIGINT])
        loop = try EventLoop()
    }

    /// Runs until a signal ends it. Returns when everything is stopped.
    /// - Throws: `SystemError` when an address cannot be bound, or what a certificate cannot be used for.
    package func run() throws {
        DescriptorLimit.raise()
        telemetry = try HTTPServer(address: options.telemetry, loop: loop) { [unowned self] request, stream in
            stream.respond(answer(request))
        }
        switch options.source {
        case .cluster(let configuration): try startCluster(configuration)
        case .manifests(let folder): try startFolder(folder)
        }
        loop.watch(signals.descriptor) { [unowned self] _ in takeSignals() }
        Log.info("controller", "started as \(options.identity)")
        loop.run()
        webhookThread?.stop()
        Log.info("controller", "stopped")
    }

    // MARK: Ending

    private func takeSignals() {
        while signals.next() != nil {
            // A second one ends it at once.
            if isDraining { loop.stop() } else { drain() }
        }
    }

    /// Stops writing and gives the lease up; the ports go on for a while, for callers that have not heard of it yet.
    private func drain() {
        isDraining = true
        Log.info("controller", "stopping: the lease is given up, ports close in \(options.lameDuck / 1_000_000) ms")
        var isReleased = false
        var isOver = false
        let end = { [unowned self] in if isReleased && isOver { loop.stop() } }
        cluster?.setActive(false)
        if let election {
            election.stop {
                isReleased = true
                end()
            }
        } else {
            isReleased = true
        }
        loop.after(options.lameDuck) {
            isOver = true
            end()
        }
    }
}
