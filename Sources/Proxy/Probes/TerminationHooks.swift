internal import Reactor

/// Hooks of a pod's containers that wait until its callers have learnt that it is going. Whoever reaches the port can
/// have something wait here, and no hook is turned away for it: a wait is a timer, and the port's connections bound
/// their number.
final class TerminationHooks {
    /// Nanoseconds.
    private let delay: UInt64
    private let loop: EventLoop

    init(delay: UInt64, loop: EventLoop) {
        self.delay = min(delay, ProbeLimits.longestDelay)
        self.loop = loop
    }

    /// Calls `done` when the delay is over; the returned closure ends the wait.
    func wait(_ done: @escaping () -> Void) -> () -> Void {
        let timer = loop.after(delay, done)
        return { [weak loop] in loop?.cancel(timer) }
    }
}
