/// The beginning of a connection whose client may speak HTTP/2 with prior knowledge (RFC 9113 section 3.3): its
/// preface, its settings, its first request. No more of HTTP/2 is understood than it takes to refuse that request.
package enum HTTP2Opening: Hashable, Sendable {
    /// The bytes do not begin as the preface does.
    case otherProtocol
    /// The beginning of the preface, or nothing yet.
    case prefaceIncomplete
    /// The whole preface, and no request yet.
    case requestAwaited
    /// The first request has begun. Its fields may still be on their way; nobody reads them.
    case request(stream: UInt32)
    /// What follows the preface is not HTTP/2, or too much of it comes before a request.
    case violation

    package static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// Bytes up to the first request: settings, window updates and priorities take a few hundred at most.
    package static let longest = 4 << 10

    private static let frameHeader = 9
    /// SETTINGS_MAX_FRAME_SIZE where nothing else was agreed on.
    private static let longestFrame = 16_384

    package init(_ bytes: UnsafeRawBufferPointer) {
        let prefix = min(bytes.count, Self.preface.utf8CodeUnitCount)
        for position in 0..<prefix {
            guard unsafe bytes[position] == Self.preface.utf8Start[position] else {
                self = .otherProtocol
                return
            }
        }
        guard prefix == Self.preface.utf8CodeUnitCount else {
            self = .prefaceIncomplete
            return
        }
        self = unsafe Self.firstRequest(bytes)
    }

    private static func firstRequest(_ bytes: UnsafeRawBufferPointer) -> HTTP2Opening {
        var position = preface.utf8CodeUnitCount
        var areSettingsSeen = false
        while position <= longest {
            guard bytes.count - position >= frameHeader else { return .requestAwaited }
            let frame = unsafe UnsafeRawBufferPointer(rebasing: bytes[position..<(position + frameHeader)])
            let length = unsafe Int(frame[0]) << 16 | Int(frame[1]) << 8 | Int(frame[2])
            let type = unsafe frame[3]
            let number = unsafe UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: 5, as: UInt32.self))
            // The first bit is reserved.
            let stream = number & 0x7fff_ffff
            guard length <= longestFrame, areSettingsSeen || type == HTTP2FrameType.settings else { return .violation }
            areSettingsSeen = true
            // A client's streams have odd numbers.
            if type == HTTP2FrameType.headers { return stream & 1 == 1 ? .request(stream: stream) : .violation }
            position += frameHeader + length
        }
        return .violation
    }
}

/// Frame types of RFC 9113 section 6.
enum HTTP2FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let settings: UInt8 = 4
    static let goAway: UInt8 = 7
}
