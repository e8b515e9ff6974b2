import Glibc
import Reactor
import Testing

@Suite struct EventLoopTests {
    /// Nanoseconds that something which has to happen may take.
    private static let patience: UInt64 = 60_000_000_000

    private func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
                == 0)
        return (ends[0], ends[1])
    }

    private func write(to descriptor: Int32) {
        #expect([UInt8(1)].withUnsafeBytes { Socket.write(descriptor, $0) } == .bytes(1))
    }

    /// Two are reported together; who is told first closes the other, whose number then belongs to something new.
    @Test func anEventIsNotToldToALaterOwnerOfTheNumber() throws {
        let loop = try EventLoop()
        let first = try pair()
        let second = try pair()
        let new = try pair()
        var told = 0
        var toldToNew = 0
        var turns = 0
        for (own, other) in [(first.0, second.0), (second.0, first.0)] {
            loop.watch(own) { _ in
                told += 1
                loop.unwatch(own)
                loop.unwatch(other)
                // Closes the other, and gives its number to a socket that has nothing to say.
                dup2(new.0, other)
                loop.set(other, read: true, write: false) { _ in
                    toldToNew += 1
                    loop.unwatch(other)
                }
            }
            write(to: own == first.0 ? first.1 : second.1)
        }
        loop.run {
            turns += 1
            if turns > 3 { loop.stop() }
            return 0
        }
        #expect(told == 1 && toldToNew == 0)
        write(to: new.1)
        let limit = Clock.now() + Self.patience
        loop.run {
            if toldToNew > 0 || Clock.now() > limit { loop.stop() }
            return 5
        }
        #expect(toldToNew == 1, "its own events are told")
        for descriptor in [first.0, first.1, second.0, second.1, new.0, new.1] { Socket.close(descriptor) }
    }

    /// Whoever was held up beyond a deadline does not take an answer that is there for one that never came.
    @Test func whatHasArrivedIsToldBeforeWhatHasComeDue() throws {
        let loop = try EventLoop()
        let ends = try pair()
        var order: [String] = []
        let given = loop.after(1_000_000) { order.append("given up") }
        loop.after(1_000_000) {
            order.append("due")
            loop.stop()
        }
        loop.watch(ends.0) { _ in
            order.append("arrived")
            loop.unwatch(ends.0)
            loop.cancel(given)
        }
        write(to: ends.1)
        let due = Clock.now() + 2_000_000
        while Clock.now() < due {}
        loop.run()
        #expect(order == ["arrived", "due"])
        Socket.close(ends.0)
        Socket.close(ends.1)
    }

    @Test func aChangeOfWhatIsWaitedForKeepsTheRegistration() throws {
        let loop = try EventLoop()
        let ends = try pair()
        var writable = 0
        var readable = 0
        loop.set(ends.0, read: true, write: true) { event in
            writable += event.isWritable ? 1 : 0
            loop.set(ends.0, read: true, write: false) { event in
                readable += event.isReadable ? 1 : 0
                loop.set(ends.0, read: false, write: false) { _ in }
            }
            self.write(to: ends.1)
        }
        let limit = Clock.now() + Self.patience
        loop.run {
            if readable > 0 || Clock.now() > limit { loop.stop() }
            return 5
        }
        #expect(writable == 1 && readable == 1)
        Socket.close(ends.0)
        Socket.close(ends.1)
    }
}
