import Glibc

/// The user that the calling thread's sockets belong to; Glibc's module leaves it out.
@_silgen_name("setfsuid")
private func setSocketUser(_ user: UInt32) -> Int32

/// One TCP connection of a test, with deadlines on everything and a buffer for what has been read too far.
///
/// Used by one thread at a time; only `shutdownBoth` may come from another.
class TCPStream: @unchecked Sendable {
    let descriptor: Int32
    private var isOpen = true
    private(set) var pending: [UInt8] = []
    /// Sees every byte that is received.
    var tap: (([UInt8]) -> Void)?

    init(descriptor: Int32) {
        self.descriptor = descriptor
        setUp()
    }

    private func setUp() {
        var limit = timeval(tv_sec: patience / 1000, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects; `receiveBuffer` in bytes makes a reader that is slow to take.
    /// - Parameter user: whose socket it is.
    init(_ host: String = "127.0.0.1", port: Int, receiveBuffer: Int32? = nil, user: UInt32? = nil) throws {
        let address = SocketAddress(host, port: port)
        if let user { _ = setSocketUser(user) }
        defer { if user != nil { _ = setSocketUser(geteuid()) } }
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.system("socket") }
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        self.descriptor = descriptor
        setUp()
        guard address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 || isConnectedAfterInterruption() else {
            throw Failure.system("connect \(host):\(port)")
        }
    }

    /// A stop of this process ends a call that has a time limit; the connection goes on being made.
    private func isConnectedAfterInterruption() -> Bool {
        guard errno == EINTR else { return false }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, Int32(patience)) > 0 else { return false }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return false }
        errno = code
        return code == 0
    }

    deinit { close() }

    // MARK: Sending

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure.system("send") }
            sent += count
        }
    }

    /// Sends what the socket takes at once; the number of bytes.
    func sendNow(_ bytes: [UInt8]) -> Int {
        max(
            0,
            bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            })
    }

    func shutdownWrite() { Glibc.shutdown(descriptor, Int32(SHUT_WR)) }
    func shutdownBoth() {
        if isOpen { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Ends the connection with RST.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    // MARK: Receiving

    enum End: Equatable {
        case closed
        case reset
    }

    /// Some bytes, or how the stream ended.
    func receive(limit: Int = 65_536, within time: Int = patience) throws -> (bytes: [UInt8], end: End?) {
        if !pending.isEmpty {
            let bytes = Array(pending.prefix(limit))
            pending.removeFirst(bytes.count)
            return (bytes, nil)
        }
        let part = try receiveMore(limit, within: time)
        if part.end == nil { tap?(part.bytes) }
        return part
    }

    /// From the connection itself.
    func receiveMore(_ limit: Int, within time: Int) throws -> (bytes: [UInt8], end: End?) {
        guard isReadable(within: time) else { throw Failure("nothing received within \(time) ms") }
        var room = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &room, limit, 0)
        if count == 0 { return ([], .closed) }
        guard count > 0 else {
            if errno == ECONNRESET || errno == EPIPE { return ([], .reset) }
            throw Failure.system("recv")
        }
        return (Array(room.prefix(count)), nil)
    }

    func isReadable(within time: Int) -> Bool {
        if !pending.isEmpty { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(time)) > 0
    }

    /// Puts bytes that were read too far back.
    func unread(_ bytes: some Collection<UInt8>) { pending.insert(contentsOf: bytes, at: 0) }

    /// Exactly `count` bytes.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try receive(limit: min(count - bytes.count, 65_536))
            if let end = part.end { throw Failure("the stream ended (\(end)) after \(bytes.count) of \(count) bytes") }
            bytes += part.bytes
        }
        return bytes
    }

    func readText(_ count: Int) throws -> String { String(decoding: try read(count), as: UTF8.self) }

    /// Everything up to the end of the stream, and how it ended.
    func readToEnd() throws -> (bytes: [UInt8], end: End) {
        var bytes: [UInt8] = []
        while true {
            let part = try receive()
            if let end = part.end { return (bytes, end) }
            bytes += part.bytes
        }
    }

    /// Up to and with the first occurrence of `mark`; nil when the stream ends before its first byte.
    func read(through mark: String) throws -> [UInt8]? {
        let mark = Array(mark.utf8)
        var bytes: [UInt8] = []
        while true {
            let part = try receive()
            if let end = part.end {
                if bytes.isEmpty { return nil }
                throw Failure("the stream ended (\(end)) within \(String(decoding: bytes, as: UTF8.self))")
            }
            let from = max(0, bytes.count - mark.count)
            bytes += part.bytes
            if let position = bytes[from...].position(of: mark) {
                unread(bytes[(position + mark.count)...])
                return Array(bytes[..<(position + mark.count)])
            }
        }
    }
}

extension ArraySlice<UInt8> {
    func position(of mark: [UInt8]) -> Int? {
        guard count >= mark.count else { return nil }
        return (startIndex...(endIndex - mark.count)).first { self[$0..<($0 + mark.count)].elementsEqual(mark) }
    }
}

/// An address and port for the socket calls.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t
    let family: Int32

    init(_ host: String, port: Int) {
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(port).bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            family = AF_INET6
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: &address) { to.copyMemory(from: $0) } }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            family = AF_INET
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: &address) { to.copyMemory(from: $0) } }
        }
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var copy = storage
        return withUnsafePointer(to: &copy) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// The port that a socket is bound to.
    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin6_port))
    }
}
