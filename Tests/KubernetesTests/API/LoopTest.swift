import APIServer
import Foundation
import Kubernetes
import Reactor
import Testing

/// An event loop run on the test's own thread until something holds.
final class LoopTest {
    /// Seconds that something which has to happen may take, however busy the machine is.
    static let patience: Double = 60

    let loop: EventLoop
    private var timers: [EventTimer] = []

    init() throws {
        loop = try EventLoop()
    }

    /// Runs until the condition holds; it is looked at after every batch of events. False when the time (seconds) is
    /// over first.
    func run(timeout: Double = patience, until condition: () -> Bool) -> Bool {
        let deadline = Clock.now() + UInt64(timeout * 1e9)
        var holds = condition()
        guard !holds else { return true }
        loop.run {
            holds = condition()
            if holds || Clock.now() >= deadline { self.loop.stop() }
            return 10
        }
        return holds
    }

    /// A client of the server, as a kubeconfig describes it.
    func client(_ server: APIServer, token: String? = nil, tokenFile: String? = nil) throws -> APIClient {
        let folder = try TemporaryFolder()
        try folder.write("config", server.kubeconfig(token: token, tokenFile: tokenFile))
        let configuration = try ClusterConfiguration.kubeconfig(folder.path + "/config")
        return APIClient(configuration, loop: loop, userAgent: "weir/test")
    }
}
