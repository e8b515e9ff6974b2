/// What the first bytes of a connection are.
enum ProtocolDetection {
    case http
    /// The HTTP/2 preface without TLS.
    case http2
    case opaque
    /// The bytes so far could be the beginning of a request.
    case undecided

    /// The longest method that is taken for one.
    static let longestMethod = 24

    /// Decides by the request line's beginning: `token SP`, then a target that begins with `/`, `*` or a letter. Leading
    /// line ends count as HTTP, because servers overlook them: to pass them on unread would lead around the routes.
    init(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else {
            self = .undecided
            return
        }
        if first == 0x0d || first == 0x0a {
            self = .http
            return
        }
        self = ProtocolDetection.requestLine(bytes)
    }

    /// Whether an HTTP server could take what begins so for a request, be it lenient or not: text does, other bytes do not.
    static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return false }
        return first == 0x09 || first == 0x0a || first == 0x0d || (0x20...0x7e).contains(first)
    }

    private static func requestLine(_ bytes: UnsafeRawBufferPointer) -> ProtocolDetection {
        for position in 0..<min(bytes.count, longestMethod + 1) {
            let byte = bytes[position]
            if byte == 0x20 {
                guard position > 0 else { return .opaque }
                guard position + 1 < bytes.count else { return .undecided }
                return isPreface(bytes) ? .http2 : isTargetStart(bytes[position + 1]) ? .http : .opaque
            }
            guard isMethodByte(byte) else { return .opaque }
        }
        return bytes.count > longestMethod ? .opaque : .undecided
    }

    private static func isMethodByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5a, 0x61...0x7a, 0x30...0x39: true
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e, 0x5f, 0x60, 0x7c, 0x7e: true
        default: false
        }
    }

    private static func isTargetStart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2f, 0x2a, 0x41...0x5a, 0x61...0x7a: true
        default: false
        }
    }

    /// `PRI * HTTP/2.0`: PRI is reserved for this (RFC 9113 section 3.4).
    private static func isPreface(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 4 && bytes[0] == 0x50 && bytes[1] == 0x52 && bytes[2] == 0x49 && bytes[3] == 0x20
    }
}
