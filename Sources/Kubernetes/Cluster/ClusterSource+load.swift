package import GatewayAPI
internal import Reactor

extension ClusterSource {
    /// Reads a cluster once, for commands. What the caller has no right to read is left out and said.
    /// - Parameter secrets: the Secrets that are read as well, by what has been read.
    /// - Throws: `ConfigurationError` when it cannot be read as a whole in time, with the reason.
    package static func load(
        _ configuration: ClusterConfiguration, userAgent: String, timeout: UInt64 = ClusterLimits.loadTimeout,
        secrets: @escaping (ResourceSet) -> Set<ObjectKey> = { _ in [] }
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
        source.start(on: loop) { _ in }
        awaitKnown(source, loop) { source.need(services: [], secrets: secrets(source.resources)) }
        loop.run()
        let unread = source.unread
        // Closing tells the watches that they are cut off, which is nobody's problem any more.
        let problems = source.problems
        let others = source.problems(leavingOut: unread.labels)
        let isRead = source.isReadAsAllowed
        client.close()
        guard isRead else {
            let reason = problems.first?.message ?? "the API server did not answer in time"
            throw ConfigurationError(name, reason)
        }
        var state = SourceState()
        state.resources = source.resources
        state.problems = unread.resources.map(\.problem) + others
        state.unread = unread.resources
        for resources in unread.resources { state.standIn(for: resources) }
        return state
    }

    /// How often it is looked whether everything is there.
    private static let lookInterval: UInt64 = 5_000_000

    /// Calls `then` when everything is known, and stops the loop when what was asked for with that is known as well.
    private static func awaitKnown(_ source: ClusterSource, _ loop: EventLoop, then: (() -> Void)?) {
        var next = then
        if source.isReadAsAllowed, let then {
            next = nil
            then()
        }
        if source.isHopeless || (next == nil && source.areNeedsSettled) { return loop.stop() }
        let rest = next
        loop.after(lookInterval) { awaitKnown(source, loop, then: rest) }
    }
}
