internal import Reactor

/// Hooks of a pod's containers that wait until its callers have learnt that it is going.
final class TerminationHooks {
    /// Nanoseconds.
    private let delay: UInt64
    private let loop: EventLoop
    private var waiting = 0

    init(delay: UInt64, loop: EventLoop) {
        self.delay = min(delay, ProbeLimits.longestDelay)
        self.loop = loop
    }

    /// Calls `done` when the delay is over, at once when there is none or too many wait already; the returned closure ends the
    /// wait.
    func wait(_ done: @escaping () -> Void) -> () -> Void {
        guard delay > 0, waiting < ProbeLimits.delays else {
            loop.after(0, done)
            return {}
        }
        waiting += 1
        var isOver = false
        let end = { [weak self] in
            guard !isOver else { return }
            isOver = true
            self?.waiting -= 1
        }
        let timer = loop.after(delay) {
            end()
            done()
        }
        return { [weak self] in
            self?.loop.cancel(timer)
            end()
        }
    }
}
