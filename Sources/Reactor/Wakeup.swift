internal import CLinux
internal import Glibc

/// Rouses another thread's poller.
package struct Wakeup: Sendable {
    /// To be polled for reading by the thread that is to be roused.
    package let descriptor: Int32

    package init() throws(SystemError) {
        descriptor = eventfd(0, WEIR_EVENTFD)
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    package func signal() {
        _ = eventfd_write(descriptor, 1)
    }

    package func drain() {
        var value: UInt64 = 0
        _ = eventfd_read(descriptor, &value)
    }
}
