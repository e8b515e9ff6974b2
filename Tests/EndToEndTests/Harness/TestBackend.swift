import Foundation
import Glibc
import Synchronization

/// A server of the tests: accepts, records every byte it receives per connection, and does what its script says.
final class TestBackend: Sendable {
    typealias Script = @Sendable (_ stream: TCPStream, _ number: Int) throws -> Void

    private struct State {
        var streams: [Int: TCPStream] = [:]
        var received: [[UInt8]] = []
        var isClosed = false
    }

    let port: Int
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())

    /// - Parameter script: run on a thread of its own for every connection, which it numbers from 0; the connection is
    ///   closed when it returns or throws.
    ///   - isListening: false: connections are refused until `listen`. The port is taken all the same, so that no other
    ///     test's server is met there.
    init(
        _ host: String = "127.0.0.1", port: Int = 0, isListening: Bool = true,
        script: @escaping Script = TestBackend.answers()
    ) throws {
        let address = SocketAddress(host, port: port)
        let listener = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard address.withPointer({ bind(listener, $0, $1) }) == 0 else { throw Failure.system("bind \(host):\(port)") }
        self.listener = listener
        self.port = SocketAddress.port(of: listener)
        self.script = script
        if isListening { try listen() }
    }

    /// Accepts connections from now on.
    func listen() throws {
        guard Glibc.listen(listener, 1024) == 0 else { throw Failure.system("listen") }
        Thread.detachNewThread { self.acceptAll() }
    }

    /// Refuses connections from now on, and ends the open ones.
    func close() {
        state.withLock { state in
            // A listener that has ended is closed, and its number may be another test's.
            if !state.isClosed { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }
            state.isClosed = true
            for stream in state.streams.values { stream.shutdownBoth() }
        }
    }

    var connections: Int { state.withLock { $0.received.count } }
    var openConnections: Int { state.withLock { $0.streams.count } }

    /// What a connection has received, byte for byte.
    func received(_ number: Int = 0) -> String {
        state.withLock { state in
            state.received.indices.contains(number) ? String(decoding: state.received[number], as: UTF8.self) : ""
        }
    }

    /// Everything that all connections have received.
    var allReceived: String {
        state.withLock {
            $0.received.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n-- next connection --\n")
        }
    }

    /// Ends the connections that are open, and goes on accepting.
    func dropConnections() {
        state.withLock { for stream in $0.streams.values { stream.shutdownBoth() } }
    }

    private func acceptAll() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                state.withLock {
                    $0.isClosed = true
                    Glibc.close(listener)
                }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let stream = TCPStream(descriptor: descriptor)
            let number = admit(stream)
            Thread.detachNewThread { self.serve(stream, number) }
        }
    }

    private func admit(_ stream: TCPStream) -> Int {
        let number = state.withLock { state in
            state.received.append([])
            state.streams[state.received.count - 1] = stream
            if state.isClosed { stream.shutdownBoth() }
            return state.received.count - 1
        }
        stream.tap = { bytes in self.state.withLock { $0.received[number] += bytes } }
        return number
    }

    private func serve(_ stream: TCPStream, _ number: Int) {
        // A script that fails has lost its client, which is the test's to notice.
        try? script(stream, number)
        state.withLock { $0.streams[number] = nil }
        stream.close()
    }
}

extension TestBackend {
    /// Answers every request with 200 and a body, by default the request's own head and body.
    static func answers(_ body: String? = nil, fields: String = "") -> Script {
        { stream, _ in
            while let request = try stream.readRequest() {
                let head = ([request.startLine] + request.fields.map { "\($0.name): \($0.value)" }).joined(
                    separator: "\n")
                let text = body ?? head + "\n\n" + request.text
                let sent = request.method == "HEAD" ? "" : text
                try stream.send("HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(text.utf8.count)\r\n\r\n\(sent)")
            }
        }
    }

    /// Reads requests whole and answers each with these bytes.
    static func sends(_ response: String) -> Script {
        { stream, _ in
            while try stream.readRequest() != nil { try stream.send(response) }
        }
    }

    /// Reads one request and never answers.
    static var silent: Script {
        { stream, _ in
            _ = try stream.readRequest()
            _ = try stream.receive(within: forever)
        }
    }
}
