/// A thread's poller for everything that is not a request's: configuration, admin, the API client, the controller. One
/// event at a time; handlers run on the thread that calls `run`, and only there may any of this be called.
package final class EventLoop {
    private var poller: Poller
    private struct Registration {
        var generation: UInt32
        var handler: (Poller.Event) -> Void
    }

    /// By descriptor.
    private var registrations: [Int32: Registration] = [:]
    /// Events carry it beside the descriptor: one of the batch at hand may be about a descriptor that has been closed
    /// since, and its number may have been given to another.
    private var lastGeneration: UInt32 = 0
    private var timers = EventTimers()
    private var isStopped = false

    package init() throws(SystemError) {
        poller = try Poller()
    }

    /// Calls `handler` while the descriptor can be read. Level-triggered.
    package func watch(_ descriptor: Int32, _ handler: @escaping (Poller.Event) -> Void) {
        _ = poller.addReadable(descriptor, token: register(descriptor, handler))
    }

    /// Changes what a descriptor is watched for; both false ends it.
    package func set(_ descriptor: Int32, read: Bool, write: Bool, _ handler: @escaping (Poller.Event) -> Void) {
        guard read || write else {
            unwatch(descriptor)
            return
        }
        poller.set(descriptor, read: read, write: write, token: register(descriptor, handler))
    }

    /// The token of the descriptor's events; it stays the same until `unwatch`.
    private func register(_ descriptor: Int32, _ handler: @escaping (Poller.Event) -> Void) -> UInt64 {
        let generation: UInt32
        if let known = registrations[descriptor] {
            generation = known.generation
        } else {
            lastGeneration &+= 1
            generation = lastGeneration
        }
        registrations[descriptor] = Registration(generation: generation, handler: handler)
        return UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    private func tell(_ event: Poller.Event) {
        let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: event.token))
        guard let registration = registrations[descriptor],
            registration.generation == UInt32(truncatingIfNeeded: event.token >> 32)
        else { return }
        registration.handler(event)
    }

    /// Must be called before the descriptor is closed.
    package func unwatch(_ descriptor: Int32) {
        registrations[descriptor] = nil
        poller.remove(descriptor)
    }

    /// Calls `action` once, `delay` nanoseconds from now at the earliest. 0: in the loop's next turn.
    @discardableResult
    package func after(_ delay: UInt64, _ action: @escaping () -> Void) -> EventTimer {
        timers.add(deadline: Clock.now() &+ delay, action)
    }

    /// The timer's action is not called any more; a timer that has fired is passed over.
    package func cancel(_ timer: EventTimer) {
        timers.cancel(timer)
    }

    package func stop() { isStopped = true }

    /// Runs until `stop`. Between batches `turn` does what has come due and says how long to wait at most, in
    /// milliseconds (-1: for ever).
    package func run(turn: () -> Int32 = { -1 }) {
        isStopped = false
        while true {
            fireTimers()
            let wait = turn()
            if isStopped { return }
            tellEvents(waiting: shorter(wait, timers.wait(now: Clock.now())))
        }
    }

    /// Does what has come due. A process without processor time may have been held up for longer than a deadline: what
    /// has arrived by then is told first, and may end the wait for it.
    private func fireTimers() {
        let now = Clock.now()
        guard timers.isDue(now: now) else { return }
        tellEvents(waiting: 0)
        while let action = timers.takeNext(now: now) { action() }
    }

    private func tellEvents(waiting milliseconds: Int32) {
        let count = poller.wait(milliseconds: milliseconds)
        for position in 0..<count { tell(poller.event(position)) }
    }

    private func shorter(_ a: Int32, _ b: Int32) -> Int32 {
        a < 0 ? b : b < 0 ? a : min(a, b)
    }
}
