internal import Glibc

/// An event loop on a thread of its own.
///
/// What runs on the loop is set up before `start` and belongs to the thread from then on: others touch it again only
/// when `stop` has returned.
package final class LoopThread: @unchecked Sendable {
    package let loop: EventLoop
    private let ending: Wakeup
    private var thread: pthread_t?

    package init() throws(SystemError) {
        loop = try EventLoop()
        ending = try Wakeup()
        loop.watch(ending.descriptor) { [unowned loop] _ in loop.stop() }
    }

    deinit {
        loop.unwatch(ending.descriptor)
        Socket.close(ending.descriptor)
    }

    package func start() throws(SystemError) {
        var thread = pthread_t()
        let held = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<LoopThread>.fromOpaque(argument).takeRetainedValue().loop.run() }
                return nil
            }, held.toOpaque())
        guard status == 0 else {
            held.release()
            throw SystemError("pthread_create", code: status)
        }
        self.thread = thread
    }

    /// Ends the loop and waits for its thread; nothing when it does not run.
    package func stop() {
        guard let thread else { return }
        ending.signal()
        pthread_join(thread, nil)
        ending.drain()
        self.thread = nil
    }
}
