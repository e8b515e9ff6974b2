internal import CAres
internal import CLinux
internal import Glibc

/// Why a `DNSClient` could not be made.
package enum DNSClientError: Error, CustomStringConvertible {
    /// c-ares could not start; its own words.
    case library(String)
    /// The list of servers is not `ip:port[,ip:port...]`.
    case servers(String)
    /// The kernel gave no descriptor.
    case descriptor(errno: Int32)

    package var description: String {
        switch self {
        case .library(let message): "DNS resolver: \(message)"
        case .servers(let list): "DNS servers '\(list)': expected ip:port, several separated by commas"
        case .descriptor(let code): "DNS resolver: no epoll descriptor (errno \(code))"
        }
    }
}

/// Asks DNS servers for addresses, through c-ares, without blocking.
///
/// It follows `resolv.conf` (servers, search list, options, read once) and the hosts file. All its sockets are watched
/// by one epoll descriptor: when that is readable, or a timeout has come, the owner calls `process` and collects what
/// finished. One thread only.
@safe
package final class DNSClient {
    private struct Pending {
        var v4: FamilyOutcome?
        var v6: FamilyOutcome?
    }

    private var channel: ares_channel?
    private let epoll: Int32
    private var pending: [UInt64: (name: String, state: Pending)] = [:]
    private var nextQuery: UInt64 = 0
    private var finished: [(name: String, outcome: ResolutionOutcome)] = []

    /// Readable when `process` has something to do.
    package var descriptor: Int32 { epoll }

    /// - Parameters:
    ///   - servers: `ip:port` of the servers to ask, separated by commas, instead of those of `resolv.conf`.
    ///   - tryMilliseconds: how long one server may take for one try.
    package init(servers: String? = nil, tryMilliseconds: Int32 = ResolverLimits.tryMilliseconds) throws(DNSClientError)
    {
        guard DNSClient.library == ARES_SUCCESS else {
            throw .library(DNSClient.message(DNSClient.library))
        }
        epoll = epoll_create1(WEIR_EPOLL_CLOEXEC)
        guard epoll >= 0 else { throw .descriptor(errno: errno) }
        try open(tryMilliseconds: tryMilliseconds)
        if let servers, unsafe ares_set_servers_ports_csv(channel, servers) != ARES_SUCCESS {
            throw .servers(servers)
        }
    }

    deinit {
        // Calls every callback that is left, so it comes while `self` is whole.
        if let channel = unsafe channel { unsafe ares_destroy(channel) }
        if epoll >= 0 { _ = close(epoll) }
    }

    /// c-ares wants one call per process before any other.
    private static let library = ares_library_init(ARES_LIB_INIT_ALL)

    private static func message(_ status: Int32) -> String { unsafe String(cString: ares_strerror(status)) }

    private func open(tryMilliseconds: Int32) throws(DNSClientError) {
        var options = unsafe ares_options()
        unsafe options.timeout = max(tryMilliseconds, 1)
        unsafe options.tries = ResolverLimits.tries
        unsafe options.sock_state_cb = { context, socket, readable, writable in
            guard let context = unsafe context else { return }
            let client = unsafe Unmanaged<DNSClient>.fromOpaque(context).takeUnretainedValue()
            client.watch(socket, readable: readable != 0, writable: writable != 0)
        }
        unsafe options.sock_state_cb_data = unsafe Unmanaged.passUnretained(self).toOpaque()
        let mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
        let status = unsafe ares_init_options(&channel, &options, mask)
        guard status == ARES_SUCCESS else { throw .library(DNSClient.message(status)) }
    }

    /// Follows a socket's life: c-ares tells before it closes one, so a number is never watched for its successor.
    private func watch(_ socket: Int32, readable: Bool, writable: Bool) {
        guard readable || writable else {
            _ = epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            return
        }
        var event = unsafe epoll_event()
        unsafe event.events = (readable ? WEIR_EPOLLIN : 0) | (writable ? WEIR_EPOLLOUT : 0)
        unsafe event.data.fd = socket
        if unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 {
            _ = unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
        }
    }
}

// MARK: - Asking

extension DNSClient {
    /// Asks for the IPv4 and IPv6 addresses of `name`. The outcome comes with a later `takeFinished`.
    package func resolve(_ name: String) {
        let id = nextQuery
        nextQuery &+= 1
        pending[id] = (name, Pending())
        ask(name, id: id, family: .v4)
        ask(name, id: id, family: .v6)
    }

    /// Names that finished since the last call, with what came of them.
    package func takeFinished() -> [(name: String, outcome: ResolutionOutcome)] {
        defer { finished = [] }
        return finished
    }

    private func ask(_ name: String, id: UInt64, family: ResolvedAddress.Family) {
        var hints = ares_addrinfo_hints()
        // Sorting by RFC 6724 would open a socket per address; the load balancer chooses, not the order.
        hints.ai_flags = ARES_AI_NOSORT
        hints.ai_family = family == .v4 ? AF_INET : AF_INET6
        let question = unsafe Unmanaged.passRetained(Question(client: self, id: id, family: family))
        unsafe ares_getaddrinfo(
            channel, name, nil, &hints,
            { context, status, _, result in
                guard let context = unsafe context else { return }
                let question = unsafe Unmanaged<Question>.fromOpaque(context).takeRetainedValue()
                let outcome = unsafe DNSClient.outcome(status, result, question.family)
                if let result = unsafe result { unsafe ares_freeaddrinfo(result) }
                // On destruction the client is going: its tables are not to be touched any more.
                guard status != ARES_EDESTRUCTION else { return }
                unsafe question.client.answer(question.id, question.family, outcome)
            }, unsafe question.toOpaque())
    }

    fileprivate func answer(_ id: UInt64, _ family: ResolvedAddress.Family, _ outcome: FamilyOutcome) {
        guard var entry = pending[id] else { return }
        switch family {
        case .v4: entry.state.v4 = outcome
        case .v6: entry.state.v6 = outcome
        }
        guard let v4 = entry.state.v4, let v6 = entry.state.v6 else {
            pending[id] = entry
            return
        }
        pending[id] = nil
        finished.append((entry.name, ResolutionOutcome(v4: v4, v6: v6)))
    }
}

/// What c-ares hands back with an answer.
private final class Question {
    /// Not retained: the client destroys its channel, and with it every question, before it goes.
    unowned(unsafe) let client: DNSClient
    let id: UInt64
    let family: ResolvedAddress.Family

    init(client: DNSClient, id: UInt64, family: ResolvedAddress.Family) {
        unsafe self.client = client
        self.id = id
        self.family = family
    }
}

// MARK: - Sockets and timeouts

extension DNSClient {
    /// Reads and writes what is ready, and gives up on what has waited too long.
    package func process() {
        guard let channel = unsafe channel else { return }
        var events = unsafe [epoll_event](repeating: epoll_event(), count: ResolverLimits.eventsPerWait)
        let ready = unsafe epoll_wait(epoll, &events, Int32(events.count), 0)
        for position in 0..<Int(max(ready, 0)) {
            let event = unsafe events[position]
            // Errors and hang-ups are read from the socket.
            let isWritable = unsafe event.events & WEIR_EPOLLOUT != 0
            let isReadable = unsafe event.events & ~WEIR_EPOLLOUT != 0
            let socket = unsafe event.data.fd
            unsafe ares_process_fd(
                channel, isReadable ? socket : DNSClient.noSocket, isWritable ? socket : DNSClient.noSocket)
        }
        unsafe ares_process_fd(channel, DNSClient.noSocket, DNSClient.noSocket)
    }

    /// Nanoseconds until `process` must be called although nothing is readable; nil when nothing is being asked.
    package func nextTimeout() -> UInt64? {
        guard let channel = unsafe channel else { return nil }
        var storage = timeval()
        guard let found = unsafe ares_timeout(channel, nil, &storage) else { return nil }
        let wait = unsafe found.pointee
        return UInt64(max(wait.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(wait.tv_usec, 0)) &* 1_000
    }

    /// `ARES_SOCKET_BAD`, which is a cast in C and so not imported.
    private static let noSocket: Int32 = -1
}
