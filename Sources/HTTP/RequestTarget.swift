/// A request target, RFC 9112 section 3.2: origin-form, absolute-form, or `*` for OPTIONS. Authority-form belongs to
/// CONNECT, which is refused.
///
/// Bytes outside VCHAR and `#` are refused; what the path means, percent-encoding included, is the router's business.
struct RequestTarget {
    var path = ByteRange.empty
    var query = ByteRange.empty
    var hasQuery = false
    var isAsterisk = false
    /// The authority of an absolute-form target, else nil.
    var authority: Range<Int>?

    /// Reads `bytes[range]`, which a byte that is not VCHAR follows.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>, method: HTTPMethod) throws(Rejection) -> RequestTarget
    {
        guard let first = range.first else { throw .badTarget }
        var target = RequestTarget()
        var pathStart = range.lowerBound
        if bytes[first] != 0x2f {
            if range.count == 1, bytes[first] == 0x2a {
                guard method == .options else { throw .badTarget }
                target.isAsterisk = true
            } else {
                let authority = try absoluteAuthority(bytes, range)
                target.authority = authority
                pathStart = authority.upperBound
            }
        }
        let mark = try queryMark(bytes, pathStart..<range.upperBound)
        target.path = ByteRange(from: pathStart, to: mark)
        if mark < range.upperBound {
            target.hasQuery = true
            target.query = ByteRange(from: mark &+ 1, to: range.upperBound)
        } else if target.authority != nil, target.path.isEmpty, method == .options {
            // Section 3.2.4: such a target is the asterisk of the server it names.
            target.isAsterisk = true
        }
        return target
    }

    /// The offset of the first `?`, or the end, having checked every byte.
    @inline(__always)
    private static func queryMark(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Int {
        var mark = range.upperBound
        var index = range.lowerBound
        while index < range.upperBound {
            let hit = nextSpecial(bytes, from: index, limit: range.upperBound)
            guard hit < range.upperBound else { break }
            guard bytes[hit] == 0x3f else { throw .badTarget }
            if mark == range.upperBound { mark = hit }
            index = hit &+ 1
        }
        return mark
    }

    /// The offset of the first `?`, `#` or byte outside VCHAR, or `limit`.
    @inline(__always)
    private static func nextSpecial(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> Int {
        var index = start
        while index &+ Word.size <= bytes.count {
            let word = Word.load(bytes, index)
            let ascii = Word.ascii(word)
            let special =
                (~Word.within(ascii, 0x21, 0x7e) | Word.equal(ascii, 0x3f) | Word.equal(ascii, 0x23) | word) & Word.tops
            index &+= Word.first(special)
            if special != 0 || index >= limit { return min(index, limit) }
        }
        while index < limit {
            let byte = bytes[index]
            if byte &- 0x21 >= 0x5e || byte == 0x3f || byte == 0x23 { return index }
            index &+= 1
        }
        return limit
    }

    /// The authority's range in `http://authority...` or `https://authority...`.
    private static func absoluteAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Range<Int> {
        let start: Int
        if hasPrefix(bytes, range, "http://") {
            start = range.lowerBound &+ 7
        } else if hasPrefix(bytes, range, "https://") {
            start = range.lowerBound &+ 8
        } else {
            throw .badTarget
        }
        var end = start
        while end < range.upperBound, bytes[end] != 0x2f, bytes[end] != 0x3f, bytes[end] != 0x23 { end &+= 1 }
        return start..<end
    }

    private static func hasPrefix(_ bytes: Span<UInt8>, _ range: Range<Int>, _ prefix: StaticString) -> Bool {
        let end = range.lowerBound &+ prefix.utf8CodeUnitCount
        return end <= range.upperBound && Bytes.equalIgnoringCase(bytes, range.lowerBound..<end, prefix)
    }
}
