/// The elements of a comma-separated value, RFC 9110 section 5.6.1, without the whitespace around them.
///
/// Empty elements are returned as empty ranges. Quoted strings are not looked into: the fields read with this hold
/// tokens only.
struct FieldList {
    private(set) var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next element, or nil. A value of no bytes has one empty element.
    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard position <= end else { return nil }
        var index = position
        while index < end, bytes[index] != Bytes.comma { index &+= 1 }
        let element = Bytes.trimmed(bytes, position..<index)
        position = index &+ 1
        return element
    }
}
