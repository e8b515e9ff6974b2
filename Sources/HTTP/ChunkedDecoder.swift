/// The chunked coding, RFC 9112 section 7.1: `chunk-size [chunk-ext] CRLF data CRLF ... 0 [chunk-ext] CRLF
/// trailer-section CRLF`.
///
/// Deviations, all stricter: whitespace may stand before the `;` of an extension only, a size has at most 16 digits and
/// 63 bits, since beyond that endpoints would read another one, extensions are bounded and dropped, a bare CR or LF is
/// refused.
struct ChunkedDecoder: Sendable, BitwiseCopyable {
    private enum State: UInt8, Sendable {
        /// Before the first digit; in the size; in blanks after it; in an extension.
        case sizeStart, size, blank, `extension`
        /// Before the LF of a size line.
        case sizeLineFeed
        case data
        /// Before the CR and the LF after the data.
        case dataCarriageReturn, dataLineFeed
        case trailers
    }

    private static let maximumDigits = 16

    private var state = State.sizeStart
    private var digits = 0
    private var lineLength = 0
    private var extensionBytes = 0
    /// The size being read, then the payload bytes left of the chunk.
    private var remaining: UInt64 = 0
    /// How much of the trailer section holds no line end that was not looked at.
    private var scanned = 0
    private let lineLimit: Int
    private let extensionLimit: Int
    private let trailerLimit: Int

    init(limits: HTTP1Limits) {
        lineLimit = limits.chunkLineBytes
        extensionLimit = limits.chunkExtensionBytes
        trailerLimit = limits.trailerBytes
    }

    mutating func consume(_ bytes: Span<UInt8>) -> BodyStep {
        do throws(Rejection) {
            return try step(bytes)
        } catch {
            return .invalid(error)
        }
    }

    private mutating func step(_ bytes: Span<UInt8>) throws(Rejection) -> BodyStep {
        var index = 0
        while index < bytes.count {
            switch state {
            case .data:
                let count = Int(min(remaining, UInt64(bytes.count &- index)))
                remaining &-= UInt64(count)
                if remaining == 0 { state = .dataCarriageReturn }
                return .data(index..<(index &+ count))
            case .trailers:
                // The trailer section starts a call of its own, so that its offsets survive until it is whole.
                return index > 0 ? .skip(index) : try trailerSection(bytes)
            default:
                try frame(bytes[index])
                index &+= 1
            }
        }
        return index > 0 ? .skip(index) : .needMore
    }

    /// Takes one byte of framing outside data and trailers.
    private mutating func frame(_ byte: UInt8) throws(Rejection) {
        switch state {
        case .dataCarriageReturn:
            guard byte == Bytes.carriageReturn else { throw .badChunk }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == Bytes.lineFeed else { throw .badChunk }
            state = .sizeStart
        case .sizeLineFeed:
            guard byte == Bytes.lineFeed else { throw .badChunk }
            endSizeLine()
        case .sizeStart, .size, .blank, .extension:
            lineLength &+= 1
            guard lineLength < lineLimit else { throw .chunkLineTooLong }
            try sizeLine(byte)
        case .data, .trailers:
            throw .badChunk
        }
    }

    private mutating func sizeLine(_ byte: UInt8) throws(Rejection) {
        if byte == Bytes.carriageReturn, state == .size || state == .extension {
            state = .sizeLineFeed
            return
        }
        switch state {
        case .sizeStart, .size:
            let digit = HexDigit.value(byte)
            if digit < 16 {
                guard digits < ChunkedDecoder.maximumDigits else { throw .badChunk }
                digits &+= 1
                remaining = remaining &<< 4 | UInt64(digit)
                guard remaining <= UInt64(Int64.max) else { throw .badChunk }
                state = .size
            } else {
                guard state == .size else { throw .badChunk }
                try beginExtension(byte)
            }
        case .blank: try beginExtension(byte)
        default: try extensionByte(byte)
        }
    }

    private mutating func beginExtension(_ byte: UInt8) throws(Rejection) {
        guard byte == 0x3b || Bytes.isBlank(byte) else { throw .badChunk }
        state = byte == 0x3b ? .extension : .blank
        try countExtensionByte()
    }

    private mutating func extensionByte(_ byte: UInt8) throws(Rejection) {
        guard byte >= 0x20 && byte != 0x7f || byte == Bytes.tab else { throw .badChunk }
        try countExtensionByte()
    }

    private mutating func countExtensionByte() throws(Rejection) {
        extensionBytes &+= 1
        guard extensionBytes <= extensionLimit else { throw .chunkLineTooLong }
    }

    private mutating func endSizeLine() {
        state = remaining == 0 ? .trailers : .data
        digits = 0
        lineLength = 0
    }

    /// RFC 9112 section 7.1.2: field lines as in a head, then an empty line.
    private mutating func trailerSection(_ bytes: Span<UInt8>) throws(Rejection) -> BodyStep {
        let window = bytes.extracting(0..<min(bytes.count, trailerLimit))
        if scanned > 0, HeadWindow.hasNothingNew(window, limit: trailerLimit, scanned: &scanned) { return .needMore }
        if let length = try TrailerSection.length(window) {
            return .end(consumed: length, trailers: 0..<(length &- 2))
        }
        guard window.count < trailerLimit else { throw .trailerTooLarge }
        scanned = HeadWindow.resumePoint(window)
        return .needMore
    }
}
