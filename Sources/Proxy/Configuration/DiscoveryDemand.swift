package import GatewayAPI
package import Reactor
internal import Synchronization

/// How workers ask for the endpoints and routes of Services that nobody has called before. Taken by the configuration
/// thread, which it rouses. Behind a lock: a worker comes here once for each Service it meets, not once a request.
package final class DiscoveryDemand: Sendable {
    private let wanted = Mutex<Set<ObjectKey>>([])
    private let routed = Mutex<Set<ObjectKey>>([])
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

    /// As `ask`, for the routes.
    func ask(forRoutesOf service: ObjectKey) {
        guard routed.withLock({ $0.insert(service).inserted }) else { return }
        wakeup.signal()
    }

    package func takeRouted() -> Set<ObjectKey> {
        routed.withLock { services in
            defer { services = [] }
            return services
        }
    }

    package func take() -> Set<ObjectKey> {
        wakeup.drain()
        return wanted.withLock { services in
            defer { services = [] }
            return services
        }
    }
}
