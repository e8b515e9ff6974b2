import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct LoopThreadTests {
    @Test func itsLoopRunsOnAThreadOfItsOwnUntilItIsStopped() throws {
        let thread = try LoopThread()
        let here = pthread_self()
        let ran = Mutex(0)
        let elsewhere = Mutex(false)
        let wakeup = try Wakeup()
        thread.loop.after(0) {
            ran.withLock { $0 += 1 }
            elsewhere.withLock { $0 = pthread_equal(pthread_self(), here) == 0 }
            wakeup.signal()
        }
        try thread.start()
        let loop = try EventLoop()
        loop.watch(wakeup.descriptor) { _ in loop.stop() }
        loop.run()
        thread.stop()
        #expect(ran.withLock { $0 } == 1)
        #expect(elsewhere.withLock { $0 })
        // Nothing of it runs any more, and stopping again is nothing.
        thread.stop()
        loop.unwatch(wakeup.descriptor)
        Socket.close(wakeup.descriptor)
    }
}
