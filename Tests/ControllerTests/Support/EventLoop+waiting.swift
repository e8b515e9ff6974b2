import Reactor

extension EventLoop {
    /// Nanoseconds that something which has to happen may take, however busy the machine is.
    private static let patience: UInt64 = 60_000_000_000

    /// Turns until the condition holds; false when it never does, which only a test that has failed waits for.
    func run(until condition: () -> Bool) -> Bool { run(for: Self.patience, until: condition) }

    /// Whether the condition stays false for a while: for what must not happen.
    func run(milliseconds: UInt64, without condition: () -> Bool) -> Bool {
        !run(for: milliseconds * 1_000_000, until: condition)
    }

    /// The condition counts as it was when it was looked at last: other threads may change it at any time.
    private func run(for limit: UInt64, until condition: () -> Bool) -> Bool {
        let end = Clock.now() + limit
        var holds = false
        run {
            holds = condition()
            if holds || Clock.now() > end { stop() }
            return 1
        }
        return holds
    }
}
