package import GatewayAPI
package import Reactor
internal import Synchronization

/// How workers ask for the endpoints of Services that nobody has called before. Taken by the configuration thread, which it
/// rouses. Behind a lock: a worker comes here once for each Service it meets, not once a request.
package final class DiscoveryDemand: Sendable {
    private let wanted = Mutex<Set<ObjectKey>>([])
    private let wakeup: Wakeup

    package init() throws(SystemError) {
        wakeup = try Wakeup()
    }

    /// Readable when `take` has something to give.
    package var descriptor: Int32 { wakeup.descriptor }

    /// Bounded by the number of Services: only those of the snapshot can be asked for.
    func ask(for service: ObjectKey) {
        guard wanted.withLock({ $0.insert(service).inserted }) else { return }
        wakeup.signal()
    }

    package func take() -> Set<ObjectKey> {
        wakeup.drain()
        return wanted.withLock { services in
            defer { services = [] }
            return services
        }
    }
}
