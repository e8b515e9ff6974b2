internal import Reactor
internal import Telemetry

/// One connection to a door's port, to learn which door takes it.
final class DoorQuestion {
    private static let timeout = 2 * ProxyLimits.second

    private let address: SocketAddress
    private let loop: EventLoop
    private var descriptor: Int32 = -1
    private var timer: EventTimer?
    private var received: [UInt8] = []
    private var done: ((Door?) -> Void)?

    /// - Parameter done: called once, later than `ask`: nil when no door has told its name.
    init(to address: SocketAddress, loop: EventLoop, _ done: @escaping (Door?) -> Void) {
        self.address = address
        self.loop = loop
        self.done = done
    }

    deinit { close() }

    func ask() {
        switch Socket.connect(to: address) {
        case .failure:
            timer = loop.after(0) { [weak self] in self?.finish() }
        case .success(let descriptor):
            self.descriptor = descriptor
            loop.watch(descriptor) { [weak self] _ in self?.receive() }
            timer = loop.after(DoorQuestion.timeout) { [weak self] in self?.finish() }
        }
    }

    /// The doors wait for nothing and close after their name.
    private func receive() {
        let room = DoorName.maximumBytes + 1 - received.count
        let result = withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer -> IOResult in
            let result = Socket.read(descriptor, into: buffer)
            if case .bytes(let count) = result { received += buffer[..<count] }
            return result
        }
        switch result {
        case .wouldBlock: return
        case .bytes(let count) where count > 0 && received.count <= DoorName.maximumBytes: return
        case .bytes, .failed: finish()
        }
    }

    private func finish() {
        close()
        guard let done else { return }
        self.done = nil
        done(DoorName.door(received))
    }

    private func close() {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard descriptor >= 0 else { return }
        loop.unwatch(descriptor)
        Socket.close(descriptor)
        descriptor = -1
    }
}
