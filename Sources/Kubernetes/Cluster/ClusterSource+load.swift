internal import GatewayAPI
internal import Reactor

extension ClusterSource {
    /// Reads a cluster once, for commands.
    /// - Throws: `ConfigurationError` when it cannot be read as a whole in time, with the reason.
    package static func load(
        _ configuration: ClusterConfiguration, userAgent: String, timeout: UInt64 = ClusterLimits.loadTimeout
    ) throws(ConfigurationError) -> SourceState {
        let name = configuration.server.description
        let loop: EventLoop
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw ConfigurationError(name, "\(error)")
        }
        let client = APIClient(configuration, loop: loop, userAgent: userAgent)
        let source = ClusterSource(transport: client, name: name, scope: .cluster(endpoints: true))
        loop.after(timeout) { loop.stop() }
        source.start(on: loop) { [unowned source] _ in
            if source.isKnown { loop.stop() }
        }
        if !source.isKnown { loop.run() }
        client.close()
        guard source.isKnown else {
            let reason = source.problems.first?.message ?? "the API server did not answer in time"
            throw ConfigurationError(name, reason)
        }
        var state = SourceState()
        state.resources = source.resources
        state.problems = source.problems
        return state
    }
}
