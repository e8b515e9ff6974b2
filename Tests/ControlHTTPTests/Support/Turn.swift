import Reactor

extension EventLoop {
    /// Nanoseconds that something which has to happen may take, however busy the machine is.
    static let patience = 60_000 * millisecond

    /// Turns until something holds. False when it does not within the limit, which only a test that has failed reaches.
    @discardableResult
    func turn(until isReached: () -> Bool) -> Bool {
        let limit = Clock.now() + EventLoop.patience
        var reached = false
        run {
            reached = isReached()
            if reached || Clock.now() > limit { stop() }
            return 1
        }
        return reached
    }

    /// Turns a few times: whatever was under way on this machine has arrived.
    func settle() {
        var turns = 0
        turn {
            turns += 1
            return turns > 20
        }
    }
}

extension SocketAddress {
    static func loopback(_ port: UInt16 = 0) -> SocketAddress {
        SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv6: false)
    }
}

/// Nanoseconds.
let millisecond: UInt64 = 1_000_000
