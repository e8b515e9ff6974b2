import Glibc
import Reactor

/// A connection whose bytes a test writes and reads itself, between turns of its loop.
final class RawPeer {
    let descriptor: Int32
    private(set) var received: [UInt8] = []
    private(set) var sawEnd = false
    private(set) var sawReset = false
    private var unsent: [UInt8] = []
    private var isOpen = true

    init(descriptor: Int32) { self.descriptor = descriptor }

    init(connectingTo port: UInt16) throws {
        descriptor = try Socket.connect(to: .loopback(port)).get()
    }

    deinit { close() }

    func close() {
        if isOpen { Socket.close(descriptor) }
        isOpen = false
    }

    func reset() {
        Socket.resetOnClose(descriptor)
        close()
    }

    /// Ends the sending direction and waits until the other side's kernel has been told, without a turn of its loop;
    /// false when it never is.
    func endSendingAndWait() -> Bool {
        endSending()
        let limit = Clock.now() + EventLoop.patience
        while Clock.now() < limit {
            var info = [UInt8](repeating: 0, count: 256)
            var length = socklen_t(info.count)
            // tcpi_state is the first byte; 5 is TCP_FIN_WAIT2.
            if getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, info[0] == 5 { return true }
            Glibc.poll(nil, 0, 1)
        }
        return false
    }

    func endSending() { Socket.shutdownWrite(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        unsent += bytes
        push()
    }

    private func push() {
        guard !unsent.isEmpty else { return }
        if case .bytes(let count) = unsent.withUnsafeBytes({ Socket.write(descriptor, $0) }) {
            unsent.removeFirst(count)
        }
    }

    /// Takes so many bytes at most, and drops them; returns how many.
    func take(_ count: Int) -> Int {
        var room = [UInt8](repeating: 0, count: count)
        guard case .bytes(let taken) = room.withUnsafeMutableBytes({ Socket.read(descriptor, into: $0) }) else {
            return 0
        }
        return taken
    }

    /// Reads what is there.
    func poll() {
        push()
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while isOpen, !sawEnd, !sawReset {
            switch room.withUnsafeMutableBytes({ Socket.read(descriptor, into: $0) }) {
            case .bytes(0): sawEnd = true
            case .bytes(let count): received += room[..<count]
            case .wouldBlock: return
            // Not connected yet, or reset.
            case .failed(let code): if code != 107 { sawReset = true } else { return }
            }
        }
    }

    var isGone: Bool {
        poll()
        return sawEnd || sawReset
    }

    var text: String {
        poll()
        return String(decoding: received, as: UTF8.self)
    }

    func forget() { received = [] }
}
