internal import Synchronization

/// Ends a plan that another thread is making: what it is made of is out of date.
package final class PlanInterruption: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package func request() { flag.store(true, ordering: .relaxed) }

    package var isRequested: Bool { flag.load(ordering: .relaxed) }
}
