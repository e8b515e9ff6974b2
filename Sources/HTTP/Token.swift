/// `token` and `tchar`, RFC 9110 section 5.6.2.
enum Token {
    // One bit per allowed byte: 0...63 in the first word, 64...127 in the second.
    private static let low: UInt64 = bits("!#$%&'*+-.0123456789")
    private static let high: UInt64 = bits("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~")

    private static func bits(_ characters: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<characters.utf8CodeUnitCount {
            word |= 1 &<< UInt64(unsafe characters.utf8Start[index] & 63)
        }
        return word
    }

    static func isMember(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 != 0
    }

    /// Whether `bytes[range]` is a token: one member or more.
    static func isToken(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        return end(bytes, from: range.lowerBound, limit: range.upperBound) == range.upperBound
    }

    /// The offset of the first byte at or after `start` that is no member, or `limit`.
    @inline(__always)
    static func end(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> Int {
        // Names are letters, digits and hyphens; the odd ones go on byte by byte.
        if start &+ 16 <= bytes.count {
            let lanes = Lanes.load(bytes, start)
            let letter = ((lanes | SIMD16(repeating: 0x20)) &- SIMD16(repeating: 0x61)) .< SIMD16(repeating: 26)
            let digit = (lanes &- SIMD16(repeating: 0x30)) .< SIMD16(repeating: 10)
            let hit = start &+ Lanes.firstHit(.!(letter .| digit .| (lanes .== SIMD16(repeating: 0x2d))))
            if hit >= limit { return limit }
            if hit < start &+ 16, bytes[hit] == Bytes.colon || bytes[hit] == Bytes.space { return hit }
            return slowEnd(bytes, from: hit, limit: limit)
        }
        return slowEnd(bytes, from: start, limit: limit)
    }

    @inline(never)
    private static func slowEnd(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> Int {
        var index = start
        while index < limit, isMember(bytes[index]) { index &+= 1 }
        return index
    }
}
