/// The one form of a path in which routes and requests are compared (RFC 3986, 6.2.2).
///
/// - Percent-encoded unreserved characters are decoded; other `%hh` are written in upper case.
/// - Repeated slashes become one; `.` and `..` segments, encoded ones included, are resolved.
/// - `%2F` and `%5C` stay encoded: they are data, never separators. A segment that would hold a dot segment if they
///   were decoded is refused, as some servers behind us do decode them.
/// - So is a dot segment with parameters (`..;x`), which some servers cut off before they resolve it.
/// - `PathRules` may have parameters cut off and encoded slashes decoded: then they are no data, and what is left is
///   looked at like any path.
/// - Refused as well: climbing above the root, malformed `%`, `%00`, a raw backslash, raw control bytes, and a path
///   that does not begin with `/` (`*` is left to OPTIONS).
package enum PathNormalization {
    package enum Refusal: Error, Sendable {
        case notAbsolute
        case malformedEscape
        case nulByte
        case backslash
        case controlByte
        case aboveRoot
        /// `%2F`, `%5C` or `;` next to dots.
        case hiddenDotSegment
        /// By `PathRules` only, as is the next.
        case parameters
        case encodedSlash
    }

    package enum Outcome: Sendable {
        /// The path is normal already; the caller's buffer was not touched.
        case asIs
        /// Bytes written to the caller's buffer.
        case normalized(Int)
        /// Answer 400.
        case refused(Refusal)
    }

    /// `target` must be at least as long as `path`: normalising never lengthens.
    package static func normalize(
        _ path: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, rules: PathRules = .standard
    ) -> Outcome {
        if isNormal(path), rules.parameters == .keep || !path.contains(UInt8(ascii: ";")) { return .asIs }
        if path.count == 1 && path[0] == UInt8(ascii: "*") { return .asIs }
        guard path.first == UInt8(ascii: "/") else { return .refused(.notAbsolute) }
        guard target.count >= path.count else { return .refused(.malformedEscape) }
        var state = Rewriter(target, rules)
        do throws(Refusal) {
            return .normalized(try state.run(path))
        } catch {
            return .refused(error)
        }
    }

    /// For route values.
    package static func normalForm(of path: String, rules: PathRules = .standard) throws(Refusal) -> String {
        var path = path
        let result = path.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(byteCount: max(bytes.count, 1), alignment: 1) {
                buffer -> Result<String, Refusal> in
                let raw = UnsafeRawBufferPointer(bytes)
                switch normalize(raw, into: buffer, rules: rules) {
                case .asIs: return .success(String(decoding: raw, as: UTF8.self))
                case .normalized(let length):
                    return .success(String(decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self))
                case .refused(let refusal): return .failure(refusal)
                }
            }
        }
        return try result.get()
    }

    /// The same; nil when the value is refused.
    package static func normalized(_ path: String) -> String? {
        try? normalForm(of: path)
    }

    /// Whether nothing has to be done: begins with `/`, no `%`, `\` or control byte, no `//`, and no segment that
    /// begins with a dot (which may yet be harmless; the slow way finds out). Eight bytes at a time.
    private static func isNormal(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.first == UInt8(ascii: "/") else { return false }
        var isAfterSlash: UInt64 = 0
        var position = 0
        while position + 8 <= path.count {
            let word = UInt64(littleEndian: path.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let slashes = mark(word, UInt8(ascii: "/"))
            let suspects = slashes | mark(word, UInt8(ascii: "."))
            let afterSlash = slashes << 8 | isAfterSlash
            let forbidden = mark(word, UInt8(ascii: "%")) | mark(word, UInt8(ascii: "\\")) | controls(word)
            if forbidden | (suspects & afterSlash) != 0 { return false }
            isAfterSlash = slashes >> 56
            position += 8
        }
        var isAfter = isAfterSlash != 0
        while position < path.count {
            let byte = path[position]
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte < 0x20 || byte == 0x7f { return false }
            if isAfter && (byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")) { return false }
            isAfter = byte == UInt8(ascii: "/")
            position += 1
        }
        return true
    }

    /// The top bit of each byte of `word` that equals `byte`, exact in every lane.
    @inline(__always)
    private static func mark(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
        let low = (difference & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7f7f_7f7f_7f7f_7f7f
        return ~(low | difference) & 0x8080_8080_8080_8080
    }

    /// The top bit of each byte below 0x20 or equal to 0x7f.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        let atLeastSpace = (word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x6060_6060_6060_6060
        return (~(atLeastSpace | word) & 0x8080_8080_8080_8080) | mark(word, 0x7f)
    }
}

extension PathNormalization {
    /// Writes a path segment by segment; a finished segment that is a dot segment is taken back.
    private struct Rewriter {
        private let target: UnsafeMutableRawBufferPointer
        private let rules: PathRules
        private var length = 0
        /// Where the segment being written begins, just after its slash.
        private var segmentStart = 0
        private var hasHiddenSeparator = false

        init(_ target: UnsafeMutableRawBufferPointer, _ rules: PathRules) {
            self.target = target
            self.rules = rules
        }

        mutating func run(_ path: UnsafeRawBufferPointer) throws(Refusal) -> Int {
            append(UInt8(ascii: "/"))
            segmentStart = length
            var position = 1
            while position < path.count {
                let byte = path[position]
                switch byte {
                case UInt8(ascii: "/"): try endSegment(isLast: false)
                case UInt8(ascii: "%"): try appendEscape(path, &position)
                case UInt8(ascii: ";") where rules.parameters != .keep:
                    guard rules.parameters == .strip else { throw .parameters }
                    while position + 1 < path.count, path[position + 1] != UInt8(ascii: "/") { position += 1 }
                case UInt8(ascii: "\\"): throw .backslash
                case 0..<0x20, 0x7f: throw .controlByte
                default: append(byte)
                }
                position += 1
            }
            try endSegment(isLast: true)
            return length
        }

        private mutating func append(_ byte: UInt8) {
            target[length] = byte
            length += 1
        }

        /// Leaves `position` on the last digit.
        private mutating func appendEscape(_ path: UnsafeRawBufferPointer, _ position: inout Int) throws(Refusal) {
            guard path.count - position > 2, let high = Bytes.hexadecimal(path[position + 1]),
                let low = Bytes.hexadecimal(path[position + 2])
            else { throw .malformedEscape }
            position += 2
            let byte = high << 4 | low
            if byte == 0 { throw .nulByte }
            if PathNormalization.isUnreserved(byte) { return append(byte) }
            if byte == UInt8(ascii: ";"), rules.parameters == .refuse { throw .parameters }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") {
                switch rules.encodedSlashes {
                case .keep: hasHiddenSeparator = true
                case .decode: return try endSegment(isLast: false)
                case .refuse: throw .encodedSlash
                }
            }
            append(UInt8(ascii: "%"))
            append(PathNormalization.upperHexadecimal(high))
            append(PathNormalization.upperHexadecimal(low))
        }

        private mutating func endSegment(isLast: Bool) throws(Refusal) {
            let segment = UnsafeRawBufferPointer(rebasing: target[segmentStart..<length])
            if hasHiddenSeparator {
                if PathNormalization.hidesDotSegment(segment) { throw .hiddenDotSegment }
                hasHiddenSeparator = false
            }
            if PathNormalization.isDotSegmentWithParameters(segment) { throw .hiddenDotSegment }
            switch PathNormalization.dots(segment) {
            case 1: length = segmentStart
            case 2: try dropParent()
            default:
                // An empty segment is a repeated slash; at the end it is the path's own trailing slash.
                if segment.isEmpty || isLast { return }
                append(UInt8(ascii: "/"))
                segmentStart = length
            }
        }

        private mutating func dropParent() throws(Refusal) {
            guard segmentStart > 1 else { throw .aboveRoot }
            length = segmentStart - 1
            while length > 0, target[length - 1] != UInt8(ascii: "/") { length -= 1 }
            segmentStart = length
        }
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func upperHexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? 0x30 + digit : 0x37 + digit
    }

    /// 1 for `.`, 2 for `..`, else 0.
    private static func dots(_ segment: UnsafeRawBufferPointer) -> Int {
        guard segment.count == 1 || segment.count == 2, segment.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
            return 0
        }
        return segment.count
    }

    /// `..;x`: servers that know path parameters cut them off first, and then climb.
    private static func isDotSegmentWithParameters(_ segment: UnsafeRawBufferPointer) -> Bool {
        guard segment.first == UInt8(ascii: "."), let end = segment.firstIndex(of: UInt8(ascii: ";")) else {
            return false
        }
        return dots(Bytes.slice(segment, 0, end)) > 0
    }

    /// Whether a segment with `%2F` or `%5C` in it has a dot segment between them.
    private static func hidesDotSegment(_ segment: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        var position = 0
        while position < segment.count {
            let isSeparator =
                segment[position] == UInt8(ascii: "%") && segment.count - position > 2
                && (Bytes.equal(Bytes.slice(segment, position, position + 3), separators.slash)
                    || Bytes.equal(Bytes.slice(segment, position, position + 3), separators.backslash))
            if isSeparator {
                if dots(Bytes.slice(segment, start, position)) > 0 { return true }
                position += 3
                start = position
            } else {
                position += 1
            }
        }
        return dots(Bytes.slice(segment, start, segment.count)) > 0
    }

    private static var separators: (slash: UnsafeRawBufferPointer, backslash: UnsafeRawBufferPointer) {
        let slash: StaticString = "%2F"
        let backslash: StaticString = "%5C"
        return (
            UnsafeRawBufferPointer(start: slash.utf8Start, count: 3),
            UnsafeRawBufferPointer(start: backslash.utf8Start, count: 3)
        )
    }
}
