internal import Glibc
internal import Synchronization

/// Computes values beside a loop, one after the other: its thread lives as long as there is something to compute, and
/// the results come back in the loop's turns, in the order in which they were asked for. All of it is called on the
/// loop's thread.
package final class BackgroundQueue {
    /// As much as a process's first thread has: what is computed may recurse as it does there.
    private static let stackBytes = 8 << 20

    /// What the two threads share.
    private final class Shared: Sendable {
        struct State {
            var jobs: [@Sendable () -> Void] = []
            var isRunning = false
            /// Computed, and not handed back yet.
            var finished = 0
        }

        let state = Mutex(State())
        let wakeup: Wakeup

        init() throws(SystemError) { wakeup = try Wakeup() }

        deinit { Socket.close(wakeup.descriptor) }

        func work() {
            while let job = next() {
                job()
                state.withLock { $0.finished += 1 }
                wakeup.signal()
            }
        }

        private func next() -> (@Sendable () -> Void)? {
            state.withLock { state in
                guard state.jobs.isEmpty else { return state.jobs.removeFirst() }
                state.isRunning = false
                return nil
            }
        }
    }

    /// Where a result waits for the loop.
    private final class Slot<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private let shared: Shared
    private let loop: EventLoop
    /// What takes the results, in the order of the jobs.
    private var takers: [() -> Void] = []

    package init(loop: EventLoop) throws(SystemError) {
        shared = try Shared()
        self.loop = loop
        loop.watch(shared.wakeup.descriptor) { [weak self] _ in self?.takeResults() }
    }

    /// What is being computed goes on to its end, and nobody is told of it.
    deinit { loop.unwatch(shared.wakeup.descriptor) }

    /// - Parameters:
    ///   - compute: is called on the queue's thread.
    ///   - done: is passed the result on the loop's.
    package func run<Value: Sendable>(
        _ compute: @escaping @Sendable () -> Value, _ done: @escaping (Value) -> Void
    ) {
        let slot = Slot<Value>()
        takers.append {
            if let value = slot.value.withLock({ $0.take() }) { done(value) }
        }
        let isIdle = shared.state.withLock { state in
            defer { state.isRunning = true }
            state.jobs.append {
                let value = compute()
                slot.value.withLock { $0 = value }
            }
            return !state.isRunning
        }
        // Without a thread to be had it is computed here: late is better than never.
        if isIdle, !start() { shared.work() }
    }

    private func takeResults() {
        shared.wakeup.drain()
        let count = shared.state.withLock { state in
            defer { state.finished = 0 }
            return state.finished
        }
        let ready = takers.prefix(count)
        takers.removeFirst(ready.count)
        for take in ready { take() }
    }

    private func start() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        let held = Unmanaged.passRetained(shared)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, held.toOpaque())
        if status != 0 { held.release() }
        return status == 0
    }
}
