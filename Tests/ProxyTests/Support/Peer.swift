import Glibc

@testable import Reactor

/// One end of a loopback connection, played by a test. Reads wait for a condition, never for a time; the limit only
/// ends a test that has failed.
final class Peer {
    /// Milliseconds that something which has to happen may take, however busy the machine is.
    static let patience: Int32 = 60_000

    struct Stalled: Error, CustomStringConvertible {
        var description: String
    }

    let fd: Int32
    /// Bytes that were read and not yet taken.
    private(set) var pending: [UInt8] = []
    private(set) var sawEnd = false
    private(set) var sawReset = false
    private var isOpen = true

    init(fd: Int32) {
        self.fd = fd
        let flags = fcntl(fd, F_GETFL)
        _ = fcntl(fd, F_SETFL, flags | O_NONBLOCK)
    }

    /// - Parameter receiveBuffer: bytes of SO_RCVBUF, set before connecting so that the window is small from the start.
    /// - Parameter source: the loopback address that it comes from; nil for the usual one.
    init(connectingTo port: UInt16, receiveBuffer: Int32? = nil, from source: UInt32? = nil) throws {
        // Not left to programs that other tests start meanwhile: a connection ends when the last copy of its socket is
        // closed.
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source {
            let own = SocketAddress(high: 0, low: UInt64(source), port: 0, isIPv6: false)
            guard own.withSockaddr({ bind(fd, $0, $1) }) == 0 else { throw SystemError("bind") }
        }
        let address = SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv6: false)
        let status = address.withSockaddr { connect(fd, $0, $1) }
        guard status == 0 else { throw SystemError("connect") }
        let flags = fcntl(fd, F_GETFL)
        _ = fcntl(fd, F_SETFL, flags | O_NONBLOCK)
        Socket.setNoDelay(fd)
    }

    deinit { close() }

    func close() {
        if isOpen { Socket.close(fd) }
        isOpen = false
    }

    func reset() {
        Socket.resetOnClose(fd)
        close()
    }

    func endSending() { Socket.shutdownWrite(fd) }

    // MARK: Sending

    /// Leaves what is sent to the sockets behind this one.
    func shrinkSendBuffer() {
        var size: Int32 = 4096
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends everything, waiting for room.
    func send(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let written = bytes[position...].withUnsafeBytes { Socket.write(fd, $0) }
            switch written {
            case .bytes(let count): position += count
            case .wouldBlock: try wait(POLLOUT, "room to send")
            case .failed(let code): throw SystemError("send", code: code)
            }
        }
    }

    /// Sends until the other side takes no more, at most `limit` bytes; returns how many went.
    func sendUntilFull(_ chunk: [UInt8], limit: Int) -> Int {
        var total = 0
        while total < limit {
            guard case .bytes(let count) = chunk.withUnsafeBytes({ Socket.write(fd, $0) }) else { return total }
            total += count
        }
        return total
    }

    // MARK: Reading

    /// Reads until `pending` holds what `isEnough` asks for; false when the stream ends before.
    @discardableResult
    func read(until isEnough: ([UInt8]) -> Bool) throws -> Bool {
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while !isEnough(pending) {
            if sawEnd || sawReset { return false }
            switch room.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
            case .bytes(0): sawEnd = true
            case .bytes(let count): pending.append(contentsOf: room[..<count])
            case .wouldBlock: try wait(POLLIN, "bytes; so far: \(String(decoding: pending.prefix(400), as: UTF8.self))")
            case .failed: sawReset = true
            }
        }
        return true
    }

    /// Reads what is there, without waiting.
    func readAvailable() {
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while !sawEnd && !sawReset {
            switch room.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
            case .bytes(0): sawEnd = true
            case .bytes(let count): pending.append(contentsOf: room[..<count])
            case .wouldBlock: return
            case .failed: sawReset = true
            }
        }
    }

    /// The next `count` bytes, or fewer when the stream ends before.
    func take(_ count: Int) throws -> String {
        String(decoding: try takeBytes(count), as: UTF8.self)
    }

    /// The next `count` bytes, or fewer when the stream ends before.
    func takeBytes(_ count: Int) throws -> [UInt8] {
        try read { $0.count >= count }
        let taken = Array(pending.prefix(count))
        pending.removeFirst(taken.count)
        return taken
    }

    /// Everything up to the end of the stream.
    func takeAll() throws -> [UInt8] {
        try read { _ in false }
        defer { pending = [] }
        return pending
    }

    func takeText() throws -> String { String(decoding: try takeAll(), as: UTF8.self) }

    /// A message's head with its empty line, lower-cased names left as they came; empty when the stream ends before.
    func takeHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        var length = 0
        let found = try read { bytes in
            guard let at = Peer.firstIndex(of: end, in: bytes) else { return false }
            length = at + end.count
            return true
        }
        guard found else { return "" }
        return try take(length)
    }

    /// What has been read so far, whatever it is.
    func takePending() -> [UInt8] {
        defer { pending = [] }
        return pending
    }

    /// The socket takes bytes at this moment.
    var isWritableNow: Bool {
        var entry = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    /// The other side's kernel has our end of stream, after one of its own: the connection is over on this side.
    var isEndAcknowledged: Bool {
        var info = [UInt8](repeating: 0, count: 256)
        var length = socklen_t(info.count)
        let status = getsockopt(fd, Int32(IPPROTO_TCP), TCP_INFO, &info, &length)
        // tcpi_state is the first byte; 7 is TCP_CLOSE.
        return status == 0 && info[0] == 7
    }

    /// Waits for the end of the stream, by FIN or reset, dropping what comes before.
    func awaitEnd() throws {
        _ = try takeAll()
    }

    private static func firstIndex(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (0...(bytes.count - pattern.count)).first { bytes[$0...].starts(with: pattern) }
    }

    private func wait(_ events: Int32, _ what: String) throws {
        var entry = pollfd(fd: fd, events: Int16(events), revents: 0)
        let ready = poll(&entry, 1, Peer.patience)
        if ready <= 0 { throw Stalled(description: "waited in vain for \(what)") }
    }
}

/// A listener on loopback whose connections a test serves itself.
final class TestServer {
    private var isOpen = true
    let fd: Int32
    let port: UInt16

    init(receiveBuffer: Int32? = nil) throws {
        fd = try ListeningSocket.open(SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false))
        if var size = receiveBuffer {
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        port = Socket.localAddress(fd)?.port ?? 0
    }

    deinit { close() }

    /// Ends listening. A number that was closed once is another test's by now, so it is closed only once.
    func close() {
        if isOpen { Socket.close(fd) }
        isOpen = false
    }

    func accept() throws -> Peer {
        var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Peer.patience) > 0 else { throw Peer.Stalled(description: "no connection came") }
        var peer = SocketAddress.none
        guard let accepted = Socket.accept(fd, peer: &peer), accepted >= 0 else { throw SystemError("accept") }
        Socket.setNoDelay(accepted)
        return Peer(fd: accepted)
    }

    /// Whether a connection waits to be accepted at this moment.
    var hasVisitor: Bool {
        var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}

/// Waits until a condition that another thread brings about holds; false when it never does. The processor is left to
/// the other thread between two looks.
func eventually(_ condition: () -> Bool) -> Bool {
    let limit = Clock.now() + UInt64(Peer.patience) * 1_000_000
    while !condition() {
        guard Clock.now() < limit else { return false }
        poll(nil, 0, 1)
    }
    return true
}
