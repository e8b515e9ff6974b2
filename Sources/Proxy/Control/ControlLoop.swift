package import Reactor

/// The configuration thread's poller: everything that is not a request's is done here, one event at a time.
package final class ControlLoop {
    private var poller: Poller
    private var handlers: [Int32: (Poller.Event) -> Void] = [:]
    private var isStopped = false

    package init() throws(SystemError) {
        poller = try Poller()
    }

    /// Calls `handler` while the descriptor can be read. Level-triggered.
    package func watch(_ descriptor: Int32, _ handler: @escaping (Poller.Event) -> Void) {
        handlers[descriptor] = handler
        _ = poller.addReadable(descriptor, token: UInt64(UInt32(bitPattern: descriptor)))
    }

    /// Changes what a descriptor is watched for; both false ends it.
    package func set(_ descriptor: Int32, read: Bool, write: Bool, _ handler: @escaping (Poller.Event) -> Void) {
        guard read || write else {
            unwatch(descriptor)
            return
        }
        handlers[descriptor] = handler
        poller.set(descriptor, read: read, write: write, token: UInt64(UInt32(bitPattern: descriptor)))
    }

    package func unwatch(_ descriptor: Int32) {
        handlers[descriptor] = nil
        poller.remove(descriptor)
    }

    package func stop() { isStopped = true }

    /// Runs until `stop`. Between batches `turn` does what has come due and says how long to wait at most, in milliseconds.
    package func run(turn: () -> Int32) {
        while true {
            let wait = turn()
            if isStopped { return }
            let count = poller.wait(milliseconds: wait)
            for position in 0..<count {
                let event = poller.event(position)
                handlers[Int32(bitPattern: UInt32(truncatingIfNeeded: event.token))]?(event)
            }
        }
    }
}
