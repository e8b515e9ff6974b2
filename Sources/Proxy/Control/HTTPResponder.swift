package import HTTP
package import Reactor
internal import Telemetry

/// What a request to one of the proxy's own ports is answered with.
package struct ControlResponse {
    package var status: Int
    package var contentType: StaticString
    package var body: [UInt8]

    package init(status: Int, contentType: StaticString = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package static func text(_ status: Int, _ text: String) -> ControlResponse {
        ControlResponse(status: status, body: Array((text + "\n").utf8))
    }
}

/// A request to one of the proxy's own ports.
package struct ControlRequest {
    package var method: HTTPMethod
    package var path: String
    package var query: String
}

/// Serves admin and telemetry requests on the configuration thread: one request a connection, small and bounded.
package final class HTTPResponder {
    /// Connections served at once; further ones are closed.
    static let connectionLimit = 64
    static let pause = 100 * ProxyLimits.millisecond
    static let headLimit = 8 << 10
    /// A connection that has not got its answer by then is closed.
    static let lifetime = 10 * ProxyLimits.second

    private final class Client {
        let fd: Int32
        let deadline: UInt64
        var input: [UInt8] = []
        var output: [UInt8] = []
        var sent = 0

        init(fd: Int32, deadline: UInt64) {
            self.fd = fd
            self.deadline = deadline
        }
    }

    private let loop: EventLoop
    private let listener: Int32
    private let answer: (ControlRequest) -> ControlResponse
    private var clients: [Int32: Client] = [:]
    private var pausedUntil: UInt64?
    private let head = RequestHead()

    /// - Throws: `SystemError` when the address cannot be bound.
    package init(
        address: SocketAddress, loop: EventLoop, answer: @escaping (ControlRequest) -> ControlResponse
    ) throws(SystemError) {
        self.loop = loop
        self.answer = answer
        listener = try ListeningSocket.open(address)
        loop.watch(listener) { [unowned self] _ in accept() }
    }

    private func accept() {
        var peer = SocketAddress.none
        while let fd = Socket.accept(listener, peer: &peer) {
            guard fd >= 0 else {
                pauseAccepting()
                return
            }
            guard clients.count < HTTPResponder.connectionLimit else {
                Socket.close(fd)
                continue
            }
            clients[fd] = Client(fd: fd, deadline: Clock.now() + HTTPResponder.lifetime)
            loop.set(fd, read: true, write: false) { [unowned self] _ in serve(fd) }
        }
    }

    /// Out of descriptors: who waits is looked at again in a while.
    private func pauseAccepting() {
        loop.unwatch(listener)
        pausedUntil = Clock.now() + HTTPResponder.pause
    }

    private func resumeAccepting() {
        pausedUntil = nil
        loop.watch(listener) { [unowned self] _ in accept() }
    }

    /// Closes connections that are too slow; returns the milliseconds until the next can be, -1 for none.
    package func expire(now: UInt64) -> Int32 {
        var next = pausedUntil ?? UInt64.max
        if next <= now {
            resumeAccepting()
            next = UInt64.max
        }
        for client in clients.values {
            if client.deadline <= now { close(client) } else { next = min(next, client.deadline) }
        }
        return next == UInt64.max ? -1 : Int32(clamping: (next - now) / ProxyLimits.millisecond + 1)
    }

    private func serve(_ fd: Int32) {
        guard let client = clients[fd] else { return }
        if client.output.isEmpty { read(client) }
        if !client.output.isEmpty { write(client) }
    }

    private func read(_ client: Client) {
        let outcome = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room -> IOResult in
            let result = Socket.read(client.fd, into: room)
            if case .bytes(let count) = result { client.input.append(contentsOf: room[..<count]) }
            return result
        }
        switch outcome {
        case .wouldBlock: return
        case .failed, .bytes(0): close(client)
        case .bytes: parse(client)
        }
    }

    private func parse(_ client: Client) {
        var limits = HTTP1Limits()
        limits.headBytes = HTTPResponder.headLimit
        var scanned = 0
        let outcome = client.input.withUnsafeBytes { bytes -> ControlResponse? in
            switch head.parse(bytes, limits: limits, scanned: &scanned) {
            case .incomplete: return nil
            case .invalid(let rejection): return .text(rejection.status, rejection.reason.description)
            case .complete:
                return answer(
                    ControlRequest(
                        method: head.method, path: String(decoding: bytes[head.path.range], as: UTF8.self),
                        query: String(decoding: bytes[head.query.range], as: UTF8.self)))
            }
        }
        guard let outcome else { return }
        client.output = HTTPResponder.encode(outcome, isHead: head.method == .head)
    }

    private static func encode(_ response: ControlResponse, isHead: Bool) -> [UInt8] {
        let head = """
            HTTP/1.1 \(response.status) \(StatusText.reason(response.status))\r
            server: weir\r
            content-type: \(response.contentType)\r
            content-length: \(response.body.count)\r
            connection: close\r
            \r

            """
        return Array(head.utf8) + (isHead ? [] : response.body)
    }

    private func write(_ client: Client) {
        let result = client.output.withUnsafeBytes { bytes in
            Socket.write(client.fd, UnsafeRawBufferPointer(rebasing: bytes[client.sent...]))
        }
        switch result {
        case .bytes(let count):
            client.sent += count
            if client.sent == client.output.count {
                Socket.shutdownWrite(client.fd)
                close(client)
            } else {
                waitToWrite(client.fd)
            }
        case .wouldBlock: waitToWrite(client.fd)
        case .failed: close(client)
        }
    }

    private func waitToWrite(_ fd: Int32) {
        loop.set(fd, read: false, write: true) { [unowned self] _ in serve(fd) }
    }

    private func close(_ client: Client) {
        clients[client.fd] = nil
        loop.unwatch(client.fd)
        Socket.close(client.fd)
    }
}
