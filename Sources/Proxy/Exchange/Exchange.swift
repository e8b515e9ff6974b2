internal import Balancing
internal import HTTP
internal import Reactor
internal import Telemetry

/// One request and its response. Connections point to the exchange they serve, never the other way for good: with one
/// connection per request today, and many requests per connection tomorrow, nothing here changes.
struct Exchange: BitwiseCopyable {
    struct Flags: OptionSet, BitwiseCopyable {
        var rawValue: UInt32
        /// The client's connection may serve another request afterwards.
        static let keepsClient = Flags(rawValue: 1)
        static let isHead = Flags(rawValue: 2)
        static let isGRPC = Flags(rawValue: 4)
        static let isHTTP10 = Flags(rawValue: 8)
        static let wantsUpgrade = Flags(rawValue: 16)
        static let isIdempotent = Flags(rawValue: 32)
        /// The endpoint has failed before, and this attempt finds out whether it is well again.
        static let isTrial = Flags(rawValue: 64)
        /// The request has a chunked body, which is re-framed on its way.
        static let chunkedRequest = Flags(rawValue: 128)
        /// The response goes to the client in chunks.
        static let chunkedResponse = Flags(rawValue: 256)
        /// The upstream connection may serve again once the exchange is over.
        static let keepsUpstream = Flags(rawValue: 512)
        /// The request has a body that goes to the endpoint as it comes.
        static let hasBody = Flags(rawValue: 1024)
        /// `endpoint` is an endpoint's number with a load to give back.
        static let holdsLoad = Flags(rawValue: 2048)
        /// The response goes back as it is to a client that takes the end of the connection for the end of the body.
        static let closeDelimited = Flags(rawValue: 4096)
        /// The backend's endpoints are being read; the composed request waits in `retained`, since `attemptAt`.
        static let discovering = Flags(rawValue: 8192)
        /// What has been sent of the body is kept as well, in case another endpoint has to have it.
        static let keepsBody = Flags(rawValue: 16384)
        /// The client is a proxy of the mesh.
        static let isFromProxy = Flags(rawValue: 32768)
        /// The upstream connection is authenticated as this client, and serves no other.
        static let boundToClient = Flags(rawValue: 65536)
        /// An interim answer has ended the upstream connection, or announced content that it cannot have: it serves no
        /// other request.
        static let hasDoubtfulUpstream = Flags(rawValue: 131072)
        /// The answer has had to wait for the client.
        static let heldUp = Flags(rawValue: 262_144)
        /// The endpoint is not to blame for how the attempt has ended.
        static let isEndpointBlameless = Flags(rawValue: 524_288)
    }

    var client: Int32 = -1
    var upstream: Int32 = -1
    /// A connection to another endpoint that is still being made; -1 for none.
    var rival: Int32 = -1
    /// The worker's slot of the snapshot that this request reads from first byte to last.
    var snapshot: Int32 = -1
    var frontend: Int32 = -1
    /// What the request was meant for, for the log; the frontend, and more where no routes are applied.
    var addressed: Int32 = -1
    var rule: Int32 = -1
    var share: Int32 = -1
    var backend: Int32 = -1
    var endpoint: Int32 = -1
    var door = Door.gateway
    var flags: Flags = []
    var flag = ResponseFlag.none
    var status: UInt16 = 0
    var method = HTTPMethod.other
    var progress = ExchangeProgress()
    var startedAt: UInt64 = 0
    var attemptAt: UInt64 = 0
    /// Absolute; 0 when the rule sets none.
    var requestDeadline: UInt64 = 0
    var attemptDeadline: UInt64 = 0
    /// When it is looked whether the endpoint acknowledges what it was sent; 0: never.
    var ackCheckAt: UInt64 = 0
    /// Of the present attempt and those before it.
    var attempts = FreeAttempts()
    var requestBody = BodyDecoder(.none)
    var responseBody = BodyDecoder(.none)
    var requestBytes: UInt64 = 0
    /// When more of the request's body has to be there; 0: never.
    var bodyDeadline: UInt64 = 0
    var responseBytes: UInt64 = 0
    /// The request for another attempt, kept until the endpoint answers: the composed head, then the body as it came.
    /// Empty when it cannot be sent again.
    var retained = ByteBuffer()
    /// Bytes of the composed head.
    var retainedHead: UInt32 = 0
    /// Content-Length of a request that is not chunked.
    var bodyLength: UInt64 = 0
    /// Where the last attempt went, whatever came of it.
    var remote = SocketAddress.none
    /// The text of an answer of our own.
    var reason: StaticString = ""
    /// The protocols that the client offers to switch to.
    var offer = ByteBuffer()
    /// Interim responses so far.
    var interims: UInt8 = 0
    /// Method, authority and path of the request for the access log, when it is on.
    var line = LoggedLine()
}

/// What the access log says of a request line, kept beside the exchange: one small block, cut to what fits.
struct LoggedLine: BitwiseCopyable {
    var bytes = ByteBuffer()
    var methodLength: UInt16 = 0
    var authorityLength: UInt16 = 0
}
