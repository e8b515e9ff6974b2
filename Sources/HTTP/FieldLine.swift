/// One field line, RFC 9112 section 5: `field-name ":" OWS field-value OWS`.
///
/// Deviation: a proxy may unfold obs-fold and strip whitespace before the colon in responses; here both are refused in
/// either direction.
enum FieldLine {
    /// Reads the line `bytes[start..<end]`, whose CR is at `end` and which holds no control byte but HT.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, start: Int, end: Int) throws(Rejection) -> HeaderField {
        let (nameEnd, isPlain) = Token.scan(bytes, from: start, limit: end)
        guard nameEnd < end, bytes[nameEnd] == Bytes.colon, nameEnd > start else {
            throw problem(bytes, start: start, nameEnd: nameEnd, end: end)
        }
        let value = Bytes.trimmed(bytes, (nameEnd &+ 1)..<end)
        let known = isPlain ? KnownField.named(bytes, start..<nameEnd) : .ambiguous
        return HeaderField(
            name: ByteRange(from: start, to: nameEnd), value: ByteRange(from: value.lowerBound, to: value.upperBound),
            lineEnd: end &+ 2, known: known, hopByHop: HopByHop.isAlways(known))
    }

    private static func problem(_ bytes: Span<UInt8>, start: Int, nameEnd: Int, end: Int) -> Rejection {
        if start < end, Bytes.isBlank(bytes[start]) { return .obsoleteFold }
        if nameEnd > start, nameEnd < end, Bytes.isBlank(bytes[nameEnd]) { return .spaceBeforeColon }
        return .badFieldName
    }
}
