internal import CLinux
internal import Glibc

/// An epoll instance. Sockets are registered once, edge-triggered in both directions, with a 64-bit token of the
/// caller's.
package struct Poller: ~Copyable {
    package struct Event {
        package var token: UInt64
        package var mask: UInt32

        package var isReadable: Bool { mask & (WEIR_EPOLLIN | WEIR_EPOLLRDHUP) != 0 }
        package var isWritable: Bool { mask & WEIR_EPOLLOUT != 0 }
        /// The peer has ended its sending direction.
        package var isReadClosed: Bool { mask & WEIR_EPOLLRDHUP != 0 }
        /// Both directions are gone, or the socket has an error.
        package var isHungUp: Bool { mask & (WEIR_EPOLLHUP) != 0 }
    }

    /// Events taken from the kernel at once.
    package static let batch = 256

    private let fd: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    package init() throws(SystemError) {
        fd = epoll_create1(WEIR_EPOLL_CLOEXEC)
        events = .allocate(capacity: Poller.batch)
        guard fd >= 0 else { throw SystemError("epoll_create1") }
    }

    deinit {
        close(fd)
        events.deallocate()
    }

    /// Registers a socket edge-triggered for reading, writing and the peer's half-close.
    package func add(_ socket: Int32, token: UInt64) -> Bool {
        control(socket, WEIR_EPOLLIN | WEIR_EPOLLOUT | WEIR_EPOLLRDHUP | WEIR_EPOLLET, token)
    }

    /// Registers something that is only read, level-triggered: listeners, event and signal descriptors.
    package func addReadable(_ descriptor: Int32, token: UInt64) -> Bool {
        control(descriptor, WEIR_EPOLLIN, token)
    }

    /// Registers or changes a level-triggered interest of a foreign library's socket.
    package func set(_ descriptor: Int32, read: Bool, write: Bool, token: UInt64) {
        var event = epoll_event()
        event.events = (read ? WEIR_EPOLLIN : 0) | (write ? WEIR_EPOLLOUT : 0)
        event.data.u64 = token
        if epoll_ctl(fd, EPOLL_CTL_MOD, descriptor, &event) != 0 && errno == ENOENT {
            _ = epoll_ctl(fd, EPOLL_CTL_ADD, descriptor, &event)
        }
    }

    package func remove(_ descriptor: Int32) {
        _ = epoll_ctl(fd, EPOLL_CTL_DEL, descriptor, nil)
    }

    private func control(_ descriptor: Int32, _ mask: UInt32, _ token: UInt64) -> Bool {
        var event = epoll_event()
        event.events = mask
        event.data.u64 = token
        return epoll_ctl(fd, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    /// Waits for events, at most `milliseconds` (-1: for ever), and returns how many there are.
    package func wait(milliseconds: Int32) -> Int {
        var count = epoll_wait(fd, events, Int32(Poller.batch), milliseconds)
        // As after a stop of the process, which may have been long: what has arrived meanwhile comes before what has
        // come due.
        if count < 0 && errno == EINTR { count = epoll_wait(fd, events, Int32(Poller.batch), 0) }
        return count > 0 ? Int(count) : 0
    }

    /// The event at a position below what `wait` returned.
    package func event(_ position: Int) -> Event {
        precondition(position >= 0 && position < Poller.batch)
        return Event(token: events[position].data.u64, mask: events[position].events)
    }
}
