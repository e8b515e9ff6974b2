internal import Reactor
internal import TLS

/// Opens a connection to the first of an endpoint's addresses that takes it, TLS handshake included.
final class Connector {
    private let endpoint: HTTPEndpoint
    private let limits: HTTPClientLimits
    private let loop: EventLoop
    private var remaining: ArraySlice<SocketAddress>
    private var failures: [String] = []
    private var socket: ControlSocket?
    private var timer: EventTimer?
    private var done: ((Result<(ControlSocket, SocketAddress), HTTPClientError>) -> Void)?

    init(
        endpoint: HTTPEndpoint, addresses: [SocketAddress], limits: HTTPClientLimits, loop: EventLoop,
        _ done: @escaping (Result<(ControlSocket, SocketAddress), HTTPClientError>) -> Void
    ) {
        self.endpoint = endpoint
        self.limits = limits
        self.loop = loop
        self.done = done
        remaining = addresses[...]
        tryNext()
    }

    deinit { cancel() }

    /// `done` is not called any more.
    func cancel() {
        done = nil
        endAttempt()
    }

    private func tryNext() {
        guard let address = remaining.popFirst() else {
            // Not from within the caller's call to `init`.
            timer = loop.after(0) { [weak self] in self?.giveUp() }
            return
        }
        switch Socket.connect(to: address) {
        case .failure(let error): failed(address, "\(error)")
        case .success(let descriptor):
            Socket.setKeepalive(descriptor, Keepalive(after: limits.keepalive))
            Socket.setUserTimeout(descriptor, limits.userTimeout)
            let socket = ControlSocket(descriptor: descriptor, loop: loop)
            self.socket = socket
            timer = loop.after(limits.connectTimeout) { [weak self] in
                self?.failed(address, "connect: no answer in time")
            }
            socket.onEvent = { [weak self] in self?.connected(address) }
            socket.wait(reading: false, writing: true)
        }
    }

    private func connected(_ address: SocketAddress) {
        guard let socket else { return }
        if let failure = socket.connectionFailure { return failed(address, failure) }
        guard let context = endpoint.tls else { return succeeded(address) }
        do throws(TLSError) {
            try socket.secure(client: context, serverName: endpoint.serverName ?? endpoint.host)
        } catch {
            return failed(address, "TLS: \(error)")
        }
        restartTimer(limits.handshakeTimeout) { [weak self] in self?.failed(address, "TLS handshake: no answer in time")
        }
        socket.onEvent = { [weak self] in self?.handshake(address) }
        handshake(address)
    }

    private func handshake(_ address: SocketAddress) {
        guard let socket else { return }
        switch socket.handshake() {
        case .wouldBlock: socket.wait(reading: true, writing: false)
        case .failed(let reason): failed(address, "TLS handshake: \(reason)")
        case .bytes, .ended: succeeded(address)
        }
    }

    private func succeeded(_ address: SocketAddress) {
        guard let socket else { return }
        socket.onEvent = {}
        self.socket = nil
        endAttempt()
        let done = done
        self.done = nil
        done?(.success((socket, address)))
    }

    private func failed(_ address: SocketAddress, _ reason: String) {
        failures.append("\(address): \(reason)")
        endAttempt()
        tryNext()
    }

    private func giveUp() {
        timer = nil
        let done = done
        self.done = nil
        done?(.failure(HTTPClientError(.connect, failures.joined(separator: "; "))))
    }

    private func restartTimer(_ delay: UInt64, _ action: @escaping () -> Void) {
        if let timer { loop.cancel(timer) }
        timer = loop.after(delay, action)
    }

    private func endAttempt() {
        if let timer { loop.cancel(timer) }
        timer = nil
        socket?.close()
        socket = nil
    }
}
