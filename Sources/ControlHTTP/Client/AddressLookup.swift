internal import Glibc
internal import Reactor

/// One host name's addresses, asked of the system's resolver (hosts file and search domains included) on a thread that
/// lives as long as the question: `getaddrinfo` blocks, and the loop's thread answers health probes.
final class AddressLookup {
    /// Addresses of one name that are tried at most.
    static let maximumAddresses = 16
    private static let stackBytes = 256 << 10

    /// What the two threads share. The asking thread reads it only after it was woken, when the other is done with it.
    private final class Question: @unchecked Sendable {
        let host: String
        let port: UInt16
        let wakeup: Wakeup
        var addresses: [SocketAddress] = []
        var problem = "no address"

        init(host: String, port: UInt16) throws(SystemError) {
            self.host = host
            self.port = port
            wakeup = try Wakeup()
        }

        deinit { Socket.close(wakeup.descriptor) }

        func ask() {
            var hints = unsafe addrinfo()
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            let status = unsafe getaddrinfo(host, nil, &hints, &list)
            if status != 0 { problem = unsafe String(cString: gai_strerror(status)) }
            var next = unsafe list
            while let entry = unsafe next, addresses.count < AddressLookup.maximumAddresses {
                if let address = unsafe AddressLookup.address(entry.pointee, port: port) { addresses.append(address) }
                unsafe next = unsafe entry.pointee.ai_next
            }
            if let list = unsafe list { unsafe freeaddrinfo(list) }
            wakeup.signal()
        }
    }

    private let question: Question
    private let loop: EventLoop
    private var done: ((Result<[SocketAddress], HTTPClientError>) -> Void)?

    /// - Throws: `SystemError` when there is no thread or descriptor to be had.
    init(
        host: String, port: UInt16, loop: EventLoop,
        _ done: @escaping (Result<[SocketAddress], HTTPClientError>) -> Void
    ) throws(SystemError) {
        question = try Question(host: host, port: port)
        self.loop = loop
        self.done = done
        try AddressLookup.start(question)
        loop.watch(question.wakeup.descriptor) { [weak self] _ in self?.finish() }
    }

    deinit { loop.unwatch(question.wakeup.descriptor) }

    private func finish() {
        loop.unwatch(question.wakeup.descriptor)
        let done = done
        self.done = nil
        done?(
            question.addresses.isEmpty
                ? .failure(HTTPClientError(.lookup, "host \(question.host): \(question.problem)"))
                : .success(question.addresses))
    }

    private static func start(_ question: Question) throws(SystemError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let held = unsafe Unmanaged.passRetained(question)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Question>.fromOpaque(argument).takeRetainedValue().ask()
                }
                return nil
            }, unsafe held.toOpaque())
        guard status == 0 else {
            unsafe held.release()
            throw SystemError("pthread_create", code: status)
        }
    }

    private static func address(_ entry: addrinfo, port: UInt16) -> SocketAddress? {
        guard unsafe entry.ai_family == AF_INET || entry.ai_family == AF_INET6, let source = unsafe entry.ai_addr else {
            return nil
        }
        var storage = sockaddr_storage()
        unsafe memcpy(&storage, source, min(Int(entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size))
        var address = SocketAddress(storage)
        address.port = port
        return address
    }
}
