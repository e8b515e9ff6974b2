internal import Balancing
internal import Reactor
internal import TLS
internal import Telemetry

/// One socket of a worker: a client's or an endpoint's. A plain value in a slab; an idle one owns no buffer.
struct Connection: BitwiseCopyable {
    enum Role: UInt8, BitwiseCopyable {
        case client
        case upstream
    }

    enum Phase: UInt8, BitwiseCopyable {
        /// Client: TLS begins.
        case handshaking
        /// Client: nothing declares the protocol and the first bytes are waited for.
        case detecting
        /// Client: not HTTP, and its Service's endpoints are being read.
        case discovering
        /// Client: a request has come, and its Service's routes are being compiled.
        case awaitingRoutes
        /// Client: a request has come whose rule takes long to find, and others of its sort are before it.
        case awaitingTurn
        /// Client: HTTP/1.1 requests, one exchange at a time. Upstream: serves an exchange.
        case http
        /// Bytes go to `peer` as they come.
        case tunnel
        /// Client: the last answer is out, what still comes is dropped until the client closes.
        case lingering
        /// Client: closes as soon as its output is flushed.
        case flushing
        /// Upstream: the connection is being made.
        case connecting
        /// Upstream: in its endpoint's pool.
        case idle
    }

    struct Flags: OptionSet, BitwiseCopyable {
        var rawValue: UInt16
        /// The socket may have bytes (or an end of stream) that were not read.
        static let readable = Flags(rawValue: 1)
        /// The peer has ended its sending direction; a read that finds nothing more returns 0.
        static let peerClosed = Flags(rawValue: 2)
        /// The end of the peer's stream has been read.
        static let readEnded = Flags(rawValue: 4)
        /// Our sending direction has been ended.
        static let writeEnded = Flags(rawValue: 8)
        /// `input` is the beginning of a head that needs more bytes.
        static let partialHead = Flags(rawValue: 16)
        /// It stands in the worker's list of connections to serve again.
        static let queued = Flags(rawValue: 32)
        /// The client's X-Forwarded fields are believed.
        static let trusted = Flags(rawValue: 64)
        /// No byte has come yet on a tunnel that was opened because the client stayed silent.
        static let sniffing = Flags(rawValue: 128)
        /// A tunnel of its own, counted as opaque (an upgraded exchange is not).
        static let opaque = Flags(rawValue: 256)
        /// It has carried an exchange before; of a client's connection, also the present one counts.
        static let reused = Flags(rawValue: 512)
        /// Upstream of an opaque connection: counted in its endpoint's load.
        static let holdsLoad = Flags(rawValue: 1024)
        /// Upstream of an opaque connection: the endpoint has said nothing yet.
        static let unheard = Flags(rawValue: 2048)
        /// Upstream of an opaque connection: the endpoint may have had bytes of the client's.
        static let touched = Flags(rawValue: 4096)
        /// Upstream, being made: another endpoint is tried beside it before the connect timeout.
        static let hasHeadStart = Flags(rawValue: 8192)
        /// Authenticated as one client: `peer` is the other of client and idle upstream, until either ends or a request
        /// takes it.
        static let bound = Flags(rawValue: 16384)
        /// The client has sent HTTP/2's preface and got settings: whatever it is told from now on is told in frames.
        static let http2 = Flags(rawValue: 32768)
    }

    var fd: Int32 = -1
    /// What the socket's bytes are read and written through; nil when they are the plain ones. Freed when the socket is
    /// closed.
    var tls: TLSSession?
    var generation: UInt32 = 0
    var role = Role.client
    var phase = Phase.http
    var door = Door.gateway
    var flags: Flags = []
    var exchange: Int32 = -1
    /// The other side of a tunnel, or of an authenticated pair.
    var peer: Int32 = -1
    var timer = TimerLink()
    /// When bytes last moved, or the phase began.
    var lastActivity: UInt64 = 0
    /// When it was accepted, and bytes of its own that a tunnel has moved: for the log.
    var openedAt: UInt64 = 0
    var moved: UInt64 = 0
    /// When the first byte of an unfinished head came, or the handshake began; 0 when there is neither.
    var headStarted: UInt64 = 0
    var input = ByteBuffer()
    var output = ByteBuffer()
    /// What is in `output`, and how fast it goes.
    var untaken = UntakenOutput()
    var scanned: UInt32 = 0
    /// What its TLS session takes.
    var sessionBytes: UInt32 = 0
    var lingered: UInt32 = 0
    /// The client, or the endpoint.
    var remote = SocketAddress.none
    /// Clients: where the connection was going (original destination), or the local address at a gateway.
    var destination = SocketAddress.none
    /// Gateway: the Gateway listener's port. Upstream: the pool it belongs to.
    var frontendPort: UInt16 = 0
    var target = Target.none
    /// Upstream, being made for nobody in particular: the backend that it was picked for, by the newest snapshot's
    /// numbers of that time, which are those of `numbering`.
    var backend: Int32 = -1
    var numbering: UInt32 = 0
    /// The `errno` of the transfer that failed; 0 when none has.
    var error: Int32 = 0
    /// Client of an opaque connection: one to another endpoint that is still being made; -1 for none.
    var rival: Int32 = -1
    /// Client of an opaque connection: its attempts at endpoints.
    var attempts = FreeAttempts()
    /// Neighbours in the pool.
    var poolNext: Int32 = -1
    var poolPrevious: Int32 = -1
    /// Neighbours among all that are idle, of one door.
    var idleNext: Int32 = -1
    var idlePrevious: Int32 = -1
}

/// Where a connection goes: an endpoint by its number, or a fixed address of this worker's own list.
struct Target: BitwiseCopyable, Equatable {
    var index: Int32
    var isDirect: Bool

    static let none = Target(index: -1, isDirect: false)

    static func endpoint(_ id: Int32) -> Target { Target(index: id, isDirect: false) }
    static func direct(_ index: Int32) -> Target { Target(index: index, isDirect: true) }
}
