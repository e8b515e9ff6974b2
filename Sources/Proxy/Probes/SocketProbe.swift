internal import Reactor

/// A probe on a plain connection: that it is accepted, and, with an exchange, what is answered on it.
final class SocketProbe: RunningProbe {
    private let address: SocketAddress
    private let loop: EventLoop
    private var exchange: GRPCHealthExchange?
    private var descriptor: Int32 = -1
    private var output: [UInt8] = []
    private var done: ((ProbeVerdict) -> Void)?

    private static let chunk = 4 << 10

    init(
        to address: SocketAddress, loop: EventLoop, exchange: GRPCHealthExchange?,
        _ done: @escaping (ProbeVerdict) -> Void
    ) {
        self.address = address
        self.loop = loop
        self.exchange = exchange
        self.done = done
    }

    deinit { close() }

    func start() {
        switch Socket.connect(to: address) {
        case .failure(let error):
            loop.after(0) { [weak self] in self?.finish(.unhealthy("\(error)")) }
        case .success(let descriptor):
            self.descriptor = descriptor
            loop.set(descriptor, read: false, write: true) { [weak self] _ in self?.connected() }
        }
    }

    func cancel() {
        done = nil
        close()
    }

    private func close() {
        guard descriptor >= 0 else { return }
        loop.unwatch(descriptor)
        Socket.close(descriptor)
        descriptor = -1
    }

    private func connected() {
        let code = Socket.connectionError(descriptor)
        guard code == 0 else {
            return finish(.unhealthy("\(address): \(SystemError("connect", code: code))"))
        }
        guard let exchange else { return finish(.healthy) }
        output = exchange.opening
        proceed()
    }

    private func proceed() {
        while !output.isEmpty {
            switch output.withUnsafeBytes({ Socket.write(descriptor, $0) }) {
            case .bytes(let count): output.removeFirst(count)
            case .wouldBlock: return wait(read: true, write: true)
            case .failed: return finish(.unhealthy("\(address): the connection broke"))
            }
        }
        wait(read: true, write: false)
    }

    private func wait(read: Bool, write: Bool) {
        loop.set(descriptor, read: read, write: write) { [weak self] event in
            guard let self else { return }
            if event.isReadable || event.isHungUp { receive() } else { proceed() }
        }
    }

    private func receive() {
        var received: [UInt8] = []
        let result = withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 1) { room -> IOResult in
            let result = Socket.read(descriptor, into: room)
            if case .bytes(let count) = result { received = Array(room[..<count]) }
            return result
        }
        switch result {
        case .wouldBlock: return
        case .bytes where !received.isEmpty: break
        default: return finish(.unhealthy("\(address): the connection ended without an answer"))
        }
        guard let step = exchange?.receive(received) else { return }
        switch step {
        case .verdict(let verdict): finish(verdict)
        case .reply(let bytes):
            output += bytes
            proceed()
        }
    }

    private func finish(_ verdict: ProbeVerdict) {
        close()
        guard let done else { return }
        self.done = nil
        done(verdict)
    }
}
