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

    /// The offset of the first byte at or after `start` that is no member, or `limit`.
    @inline(__always)
    static func end(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> Int {
        scan(bytes, from: start, limit: limit).end
    }

    /// `end`, and whether all bytes before it are letters, digits and hyphens.
    @inline(__always)
    static func scan(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> (end: Int, isPlain: Bool) {
        // Names are letters, digits and hyphens, looked at by words; whatever else comes is looked at byte by byte.
        var index = start
        while index &+ Word.size <= bytes.count {
            let word = Word.load(bytes, index)
            let ascii = Word.ascii(word)
            let usual =
                Word.within(ascii | Word.all(0x20), 0x61, 0x7a) | Word.within(ascii, 0x30, 0x39)
                | Word.equal(ascii, 0x2d)
            let odd = (~usual | word) & Word.tops
            index &+= Word.first(odd)
            if index >= limit { return (limit, true) }
            if odd != 0 { break }
        }
        if index < limit, bytes[index] == Bytes.colon || bytes[index] == Bytes.space { return (index, true) }
        return slowEnd(bytes, from: index, limit: limit)
    }

    @inline(never)
    private static func slowEnd(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> (end: Int, isPlain: Bool) {
        var index = start
        var isPlain = true
        while index < limit, isMember(bytes[index]) {
            isPlain = isPlain && (bytes[index] == 0x2d || Bytes.spelling(bytes[index]) != 0x2d)
            index &+= 1
        }
        return (index, isPlain)
    }
}
