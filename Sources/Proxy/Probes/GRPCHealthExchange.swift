/// The client's side of one `grpc.health.v1.Health/Check` over HTTP/2 without TLS, as far as it has to be understood:
/// settings and pings are acknowledged, and the first message decides. Pure: bytes in, bytes or a verdict out.
///
/// What the server's headers say is not read, so no header compression is needed: a failed call carries no message.
struct GRPCHealthExchange {
    enum Step: Hashable {
        /// To be sent; may be empty. More is expected.
        case reply([UInt8])
        case verdict(ProbeVerdict)
    }

    /// Frame types of RFC 9113 section 6.
    private enum FrameType {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
    }

    private enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
        static let padded: UInt8 = 8
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let frameHeader = 9
    /// SETTINGS_MAX_FRAME_SIZE where nothing else is agreed on.
    private static let longestFrame = 16_384
    private static let stream: UInt32 = 1
    /// `HealthCheckResponse.ServingStatus.SERVING`.
    private static let serving: UInt64 = 1

    private let service: String
    private let authority: String
    private var input: [UInt8] = []
    private var received = 0
    private var message: [UInt8] = []

    /// - Parameter authority: `address:port`.
    init(service: String, authority: String) {
        self.service = service
        self.authority = authority
    }

    // MARK: What is sent

    /// Preface, settings, and the whole call.
    var opening: [UInt8] {
        Self.preface + Self.frame(FrameType.settings, 0, 0, [])
            + Self.frame(FrameType.headers, Flag.endHeaders, Self.stream, headers)
            + Self.frame(FrameType.data, Flag.endStream, Self.stream, request)
    }

    /// Indexed names of the static table (RFC 7541 appendix A), values as they are.
    private var headers: [UInt8] {
        let methodPOST: [UInt8] = [0x83]
        let schemeHTTP: [UInt8] = [0x86]
        return methodPOST + schemeHTTP
            + [0x04] + Self.string("/grpc.health.v1.Health/Check")
            + [0x01] + Self.string(authority)
            + [0x0f, 0x10] + Self.string("application/grpc")
            + [0x0f, 0x2b] + Self.string("kube-probe/weir")
            + [0x00] + Self.string("te") + Self.string("trailers")
    }

    /// One uncompressed message: `HealthCheckRequest { string service = 1; }`.
    private var request: [UInt8] {
        let name = Array(service.utf8)
        let body = name.isEmpty ? [] : [0x0a] + Self.varint(UInt64(name.count)) + name
        return [0] + Self.bigEndian(UInt32(truncatingIfNeeded: body.count)) + body
    }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(truncatingIfNeeded: payload.count)).dropFirst() + [type, flags] + bigEndian(stream) + payload
    }

    /// A string literal (RFC 7541 section 5.2) without Huffman coding.
    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        return [127] + varint(UInt64(bytes.count - 127)) + bytes
    }

    /// Seven bits a byte, the lowest first: both HPACK and protobuf write numbers so.
    private static func varint(_ number: UInt64) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    // MARK: What is received

    mutating func receive(_ bytes: [UInt8]) -> Step {
        received += bytes.count
        guard received <= ProbeLimits.grpcBytes else { return .verdict(.unhealthy("the answer is too long")) }
        input += bytes
        var reply: [UInt8] = []
        while input.count >= Self.frameHeader {
            let length = input[..<3].reduce(0) { $0 << 8 | Int($1) }
            guard length <= Self.longestFrame else { return .verdict(.unhealthy("the answer is not HTTP/2")) }
            guard input.count >= Self.frameHeader + length else { break }
            let frame = Frame(
                type: input[3], flags: input[4], stream: input[5..<9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff,
                payload: Array(input[Self.frameHeader..<(Self.frameHeader + length)]))
            input.removeFirst(Self.frameHeader + length)
            switch take(frame) {
            case .reply(let bytes): reply += bytes
            case .verdict(let verdict): return .verdict(verdict)
            }
        }
        return .reply(reply)
    }

    private struct Frame {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
    }

    private mutating func take(_ frame: Frame) -> Step {
        switch (frame.type, frame.stream) {
        case (FrameType.settings, 0) where !frame.has(Flag.acknowledgement):
            return .reply(Self.frame(FrameType.settings, Flag.acknowledgement, 0, []))
        case (FrameType.ping, 0) where !frame.has(Flag.acknowledgement):
            return .reply(Self.frame(FrameType.ping, Flag.acknowledgement, 0, frame.payload))
        case (FrameType.headers, Self.stream) where frame.has(Flag.endStream):
            return .verdict(.unhealthy("the health service answered with an error, or there is none"))
        case (FrameType.data, Self.stream):
            return data(frame)
        case (FrameType.reset, Self.stream):
            return .verdict(.unhealthy("the call was refused"))
        case (FrameType.goAway, 0) where lastStream(frame) < Self.stream:
            return .verdict(.unhealthy("the connection was refused"))
        default:
            return .reply([])
        }
    }

    private func lastStream(_ frame: Frame) -> UInt32 {
        frame.payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    }

    private mutating func data(_ frame: Frame) -> Step {
        var payload = frame.payload[...]
        if frame.has(Flag.padded) {
            guard let padding = payload.popFirst(), Int(padding) <= payload.count else {
                return .verdict(.unhealthy("the answer is not HTTP/2"))
            }
            payload = payload.dropLast(Int(padding))
        }
        message += payload
        // A flag for compression and a length go before the message.
        let length = message.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
        if message.count >= 5, message.count - 5 >= length {
            guard message[0] == 0 else { return .verdict(.unhealthy("the answer is compressed")) }
            let status = Self.status(message[5..<(5 + length)])
            return .verdict(status == Self.serving ? .healthy : .unhealthy(Self.text(status)))
        }
        return frame.has(Flag.endStream) ? .verdict(.unhealthy("the answer has no message")) : .reply([])
    }

    /// `HealthCheckResponse { ServingStatus status = 1; }`: the number of field 1, 0 when it is left out, nil when the
    /// message is something else.
    private static func status(_ message: ArraySlice<UInt8>) -> UInt64? {
        guard let key = message.first else { return 0 }
        guard key == 0x08 else { return nil }
        var number: UInt64 = 0
        for (position, byte) in message.dropFirst().prefix(9).enumerated() {
            number |= UInt64(byte & 127) << UInt64(7 * position)
            if byte & 128 == 0 { return number }
        }
        return nil
    }

    private static func text(_ status: UInt64?) -> String {
        switch status {
        case 0: "status UNKNOWN"
        case 2: "status NOT_SERVING"
        case 3: "status SERVICE_UNKNOWN"
        default: "the answer is no health status"
        }
    }
}
