/// The value of Content-Length, RFC 9110 section 8.6: `1*DIGIT`.
///
/// Deviation: a list of equal numbers, which a recipient may accept, is refused, and so is a second line of the field.
enum ContentLength {
    /// Numbers above this many digits do not fit 63 bits.
    private static let digits = 18

    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> UInt64 {
        guard !range.isEmpty, range.count <= digits else { throw .badContentLength }
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { throw .badContentLength }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }
}
