import Foundation
import Glibc
import TLS

/// Where connections come in. Its port stays taken as long as it is there: a socket that never listens holds it, beside
/// the one that does while the door is open.
final class Door: @unchecked Sendable {
    let port: Int
    private let address: String
    private let context: TLSServerContext?
    private let state: Monitor<ServerState>
    private var holder: Int32
    /// Listens while the door is open. Changed by the test's thread alone.
    private var socket: Int32
    private var isOpen = false
    private let ended = Monitor(0)
    private var started = 0

    init(address: String, context: TLSServerContext?, state: Monitor<ServerState>) throws {
        self.address = address
        self.context = context
        self.state = state
        holder = try Self.bound(address, port: 0)
        port = Self.port(of: holder)
        socket = try Self.bound(address, port: port)
    }

    func open() throws {
        guard listen(socket, 1024) == 0 else { throw SocketFailure("listen") }
        started += 1
        isOpen = true
        let socket = socket
        let thread = Thread { [state, context, ended] in
            Self.accept(on: socket, context, state)
            Glibc.close(socket)
            ended.change { $0 += 1 }
        }
        thread.start()
    }

    /// Refuses new connections, ends the open ones, and waits for their threads.
    func refuse() throws {
        close()
        // In the network namespace of who calls, as the first one.
        socket = try Self.bound(address, port: port)
    }

    func close() {
        if isOpen {
            // Its thread closes it.
            Glibc.shutdown(socket, Int32(SHUT_RDWR))
            _ = ended.wait(until: Self.patience) { $0 == started }
        } else if socket >= 0 {
            Glibc.close(socket)
        }
        isOpen = false
        socket = -1
        state.read { state in
            for stream in state.connections.values { Glibc.shutdown(stream.descriptor, Int32(SHUT_RDWR)) }
            for watcher in state.store.watchers.values { watcher.append(.cut(inNextEvent: false)) }
        }
        _ = state.wait(until: Self.patience) { $0.connections.isEmpty }
    }

    /// Gives the port back, when nothing is to come any more.
    func free() {
        if holder >= 0 { Glibc.close(holder) }
        holder = -1
    }

    /// When to give up what does not end.
    private static var patience: Date { Date(timeIntervalSinceNow: Double(APIServer.patience) / 1000) }

    private static func accept(on socket: Int32, _ context: TLSServerContext?, _ state: Monitor<ServerState>) {
        while true {
            let descriptor = Glibc.accept(socket, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            guard let stream = stream(descriptor, context) else {
                Glibc.close(descriptor)
                continue
            }
            _ = state.wait(until: .distantFuture) { $0.connections.count < APIServer.connectionLimit }
            let number = state.change { state in
                let number = state.number()
                state.connections[number] = stream
                return number
            }
            let thread = Thread {
                Exchange(stream: stream, state: state).run()
                state.change { state in
                    state.connections[number] = nil
                    // Under the lock, so that nobody shuts down a descriptor that is another's by now.
                    stream.close()
                }
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    private static func stream(_ descriptor: Int32, _ context: TLSServerContext?) -> (any ByteStream)? {
        guard let context else { return PlainStream(descriptor: descriptor) }
        return try? SecureStream(server: context, descriptor: descriptor)
    }

    private static func bound(_ address: String, port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SocketFailure("socket") }
        var one: Int32 = 1
        // So that the holder and the one that listens can have the same port.
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            setsockopt(socket, SOL_SOCKET, option, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else {
            let failure = SocketFailure("bind \(address):\(port)")
            Glibc.close(socket)
            throw failure
        }
        return socket
    }

    private static func port(of socket: Int32) -> Int {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }
}

/// A socket call that failed, and why.
struct SocketFailure: Error, CustomStringConvertible {
    var description: String

    init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}
