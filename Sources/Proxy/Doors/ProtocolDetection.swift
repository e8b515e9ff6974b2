/// What the first bytes of a connection are, as far as they have come.
enum ProtocolDetection {
    /// Nothing has come yet.
    case nothing
    /// A request line.
    case http
    /// The HTTP/2 preface without TLS (RFC 9113, 3.4).
    case http2
    /// The beginning of one of these.
    case beginning
    /// A ClientHello of TLS.
    case tls
    /// The beginning of one.
    case tlsBeginning
    /// None of these, but text, which servers more lenient than our parser may take for a request.
    case text
    /// Anything else.
    case bytes

    /// The longest method that is taken for one.
    static let longestMethod = 24
    /// `PRI * HTTP/2.0`: nothing else begins so.
    private static let preface: StaticString = "PRI * HTTP/2.0"

    /// Decides by the request line's beginning: `token SP`, then a target that begins with `/`, `*` or a letter.
    /// Leading line ends count as HTTP, because servers overlook them.
    init(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else {
            self = .nothing
            return
        }
        switch first {
        case 0x0d, 0x0a: self = .http
        case 0x16:
            self =
                !ClientHelloOpening.isPossible(bytes)
                ? .bytes : ClientHelloOpening.isWhole(bytes) ? .tls : .tlsBeginning
        default: self = Self.preface(bytes) ?? Self.requestLine(bytes) ?? (Self.isText(first) ? .text : .bytes)
        }
    }

    /// nil when the bytes differ from the preface.
    private static func preface(_ bytes: UnsafeRawBufferPointer) -> ProtocolDetection? {
        let count = min(bytes.count, preface.utf8CodeUnitCount)
        let isEqual = preface.withUTF8Buffer { $0[..<count].elementsEqual(bytes[..<count]) }
        guard isEqual else { return nil }
        return count == preface.utf8CodeUnitCount ? .http2 : .beginning
    }

    /// nil when no request begins so.
    private static func requestLine(_ bytes: UnsafeRawBufferPointer) -> ProtocolDetection? {
        for position in 0..<min(bytes.count, longestMethod + 1) {
            let byte = bytes[position]
            if byte == 0x20 {
                guard position > 0 else { return nil }
                guard position + 1 < bytes.count else { return .beginning }
                return isTargetStart(bytes[position + 1]) ? .http : nil
            }
            guard isMethodByte(byte) else { return nil }
        }
        return bytes.count > longestMethod ? nil : .beginning
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

    private static func isText(_ byte: UInt8) -> Bool { byte == 0x09 || (0x20...0x7e).contains(byte) }
}
