import Foundation
package import GatewayAPI

/// What was asked of the server, and waiting for it.
extension APIServer {
    /// Oldest first.
    package var requests: [LoggedRequest] { state.read { $0.log.requests } }

    package func clearRequests() { state.change { $0.log.clear() } }

    /// Successful writes of an object, or of its subresource alone.
    package func writes(of resource: String, _ key: ObjectKey, subresource: String = "") -> Int {
        state.read { state in
            state.store.kind(resource).flatMap { state.log.writes[$0.path(key, subresource)] } ?? 0
        }
    }

    /// Watches under way, of one kind or all.
    package func watchCount(of resource: String? = nil) -> Int {
        state.read { state in
            let name = resource.map { state.store.kind($0)?.resource ?? $0 }
            return state.store.watchers.values.count { name == nil || $0.resource == name }
        }
    }

    package var connectionCount: Int { state.read { $0.connections.count } }

    /// Waits until the condition holds: it is looked at after every request and change here, and now and then for what
    /// happens elsewhere. False when the time (milliseconds) is over first.
    package func waitUntil(timeout: Int = patience, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = Date(timeIntervalSinceNow: Double(timeout) / 1000)
        while true {
            let seen = state.changeCount
            if try condition() { return true }
            let now = Date()
            if now >= deadline { return false }
            state.wait(after: seen, until: min(deadline, now.addingTimeInterval(Self.glance)))
        }
    }

    /// Milliseconds that something which has to happen may take.
    package static let patience = 60_000

    /// Seconds between two looks at a condition while nothing happens here.
    private static let glance = 0.02
}
