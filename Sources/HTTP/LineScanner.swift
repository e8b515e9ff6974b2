/// Finds line ends, and with them every control byte of a head: RFC 9112 section 2.2.
///
/// Deviation: a recipient may take a bare LF for a line end; here it is refused, because hops that disagree about it
/// can be smuggled past.
enum LineScanner {
    /// The offset of the first control byte other than HT at or after `start`, or `bytes.count`.
    @inline(__always)
    static func nextControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let count = bytes.count
        while index &+ 16 <= count {
            let lanes = Lanes.load(bytes, index)
            let hit = Lanes.firstHit(
                ((lanes .< SIMD16(repeating: 0x20)) .& (lanes .!= SIMD16(repeating: Bytes.tab)))
                    .| (lanes .== SIMD16(repeating: 0x7f)))
            if hit < 16 { return index &+ hit }
            index &+= 16
        }
        while index < count {
            let byte = bytes[index]
            if (byte < 0x20 && byte != Bytes.tab) || byte == 0x7f { return index }
            index &+= 1
        }
        return count
    }

    /// The offset of the CR that ends the line at `start`; nil while the line is not whole.
    @inline(__always)
    static func lineEnd(_ bytes: Span<UInt8>, from start: Int) throws(Rejection) -> Int? {
        let hit = nextControl(bytes, from: start)
        guard hit < bytes.count else { return nil }
        switch bytes[hit] {
        case Bytes.carriageReturn:
            guard hit &+ 1 < bytes.count else { return nil }
            guard bytes[hit &+ 1] == Bytes.lineFeed else { throw .bareCarriageReturn }
            return hit
        case Bytes.lineFeed: throw .bareLineFeed
        default: throw .controlByte
        }
    }
}
