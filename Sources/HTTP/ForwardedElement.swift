/// The elements of the field `Forwarded` that say something, RFC 7239 section 4. Peers that are trusted still pass on
/// what strangers wrote, and what is malformed is read in different ways by different applications.
///
/// An element is left out whole when a pair of it is no `token=value`, when `for`, `by`, `host` or `proto` stands in it
/// twice or has a value that is none of its own, or when it has no pair at all. A quotation mark that nothing closes
/// takes all that follows with it. Deviation: blanks around `;` are allowed, since they are in use.
package enum ForwardedElement {
    /// The next element of one field value without the blanks around it, or nil after the last.
    ///
    /// - Parameter position: where to go on; the value's lower bound at first.
    package static func next(
        _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, from position: inout Int
    ) -> Range<Int>? {
        guard value.lowerBound >= 0, value.upperBound <= bytes.count, position >= value.lowerBound else { return nil }
        let span = unsafe bytes.assumingMemoryBound(to: UInt8.self).span
        while position < value.upperBound {
            let end = elementEnd(span, position..<value.upperBound)
            let element = Bytes.trimmed(span, position..<end)
            position = end &+ 1
            if isValid(span, element) { return element }
        }
        return nil
    }

    /// The comma that ends an element, or the end of the value.
    private static func elementEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] != Bytes.comma {
            index = bytes[index] == quote ? stringEnd(bytes, index..<range.upperBound) ?? range.upperBound : index &+ 1
        }
        return index
    }

    private static let quote: UInt8 = 0x22
    private static let backslash: UInt8 = 0x5c

    /// The offset behind a quoted string (RFC 9110 section 5.6.4) that begins the range; nil when it does not end.
    private static func stringEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound &+ 1
        while index < range.upperBound {
            switch bytes[index] {
            case quote: return index &+ 1
            case backslash: index &+= 2
            default: index &+= 1
            }
        }
        return nil
    }

    private static func isValid(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        var seen: UInt8 = 0
        var pairs = 0
        var start = element.lowerBound
        while start < element.upperBound {
            guard let end = pairEnd(bytes, start..<element.upperBound, seen: &seen, pairs: &pairs) else { return false }
            start = end &+ 1
        }
        return pairs > 0
    }

    /// The `;` that ends a pair, or the end of the element; nil when the pair is malformed.
    private static func pairEnd(
        _ bytes: Span<UInt8>, _ rest: Range<Int>, seen: inout UInt8, pairs: inout Int
    ) -> Int? {
        var index = blanksEnd(bytes, rest)
        // The grammar allows empty pairs.
        if index == rest.upperBound || bytes[index] == semicolon { return index }
        let nameEnd = Token.end(bytes, from: index, limit: rest.upperBound)
        let name = index..<nameEnd
        guard !name.isEmpty, nameEnd < rest.upperBound, bytes[nameEnd] == 0x3d else { return nil }
        index = nameEnd &+ 1
        let value: Range<Int>
        if index < rest.upperBound, bytes[index] == quote {
            guard let end = stringEnd(bytes, index..<rest.upperBound) else { return nil }
            value = (index &+ 1)..<(end &- 1)
            index = end
        } else {
            value = index..<Token.end(bytes, from: index, limit: rest.upperBound)
            guard !value.isEmpty else { return nil }
            index = value.upperBound
        }
        guard isKnownValue(bytes, name, value, seen: &seen) else { return nil }
        pairs &+= 1
        index = blanksEnd(bytes, index..<rest.upperBound)
        return index == rest.upperBound || bytes[index] == semicolon ? index : nil
    }

    private static let semicolon: UInt8 = 0x3b

    private static func blanksEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, Bytes.isBlank(bytes[index]) { index &+= 1 }
        return index
    }

    /// Whether a parameter may have this value, and has had none in this element before. What the standard does not
    /// know may be anything.
    private static func isKnownValue(
        _ bytes: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>, seen: inout UInt8
    ) -> Bool {
        let bit: UInt8
        let isValid: Bool
        if Bytes.equalIgnoringCase(bytes, name, "for") {
            (bit, isValid) = (1, isNode(bytes, value))
        } else if Bytes.equalIgnoringCase(bytes, name, "by") {
            (bit, isValid) = (2, isNode(bytes, value))
        } else if Bytes.equalIgnoringCase(bytes, name, "host") {
            (bit, isValid) = (4, (try? Authority.parse(bytes, value)) != nil)
        } else if Bytes.equalIgnoringCase(bytes, name, "proto") {
            (bit, isValid) = (8, isScheme(bytes, value))
        } else {
            return true
        }
        defer { seen |= bit }
        return isValid && seen & bit == 0
    }

    /// `node` of section 6: an address, `unknown`, or a name that hides one, each with a port or without.
    private static func isNode(_ bytes: Span<UInt8>, _ node: Range<Int>) -> Bool {
        guard !node.isEmpty else { return false }
        var nameEnd = node.lowerBound
        if bytes[node.lowerBound] == 0x5b {
            while nameEnd < node.upperBound, bytes[nameEnd] != 0x5d { nameEnd &+= 1 }
            guard nameEnd < node.upperBound, IPv6Literal.isValid(bytes, (node.lowerBound &+ 1)..<nameEnd) else {
                return false
            }
            nameEnd &+= 1
        } else {
            while nameEnd < node.upperBound, bytes[nameEnd] != Bytes.colon { nameEnd &+= 1 }
            let name = node.lowerBound..<nameEnd
            guard
                IPv6Literal.isIPv4(bytes, name) || isHidden(bytes, name)
                    || Bytes.equalIgnoringCase(bytes, name, "unknown")
            else { return false }
        }
        guard nameEnd < node.upperBound else { return true }
        let port = (nameEnd &+ 1)..<node.upperBound
        return bytes[nameEnd] == Bytes.colon && (isHidden(bytes, port) || isPort(bytes, port))
    }

    /// `obfnode` and `obfport`.
    private static func isHidden(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count > 1, bytes[range.lowerBound] == 0x5f else { return false }
        for index in (range.lowerBound &+ 1)..<range.upperBound
        where bytes[index] != 0x2e && bytes[index] != 0x5f && bytes[index] != 0x2d
            && Bytes.spelling(bytes[index]) == 0x2d
        {
            return false
        }
        return true
    }

    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard (1...5).contains(range.count) else { return false }
        for index in range where bytes[index] &- 0x30 > 9 { return false }
        return true
    }

    /// A scheme's name (RFC 3986 section 3.1).
    private static func isScheme(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            let isLetter = (byte | 0x20) &- 0x61 < 26
            let isOther = byte &- 0x30 < 10 || byte == 0x2b || byte == 0x2d || byte == 0x2e
            guard isLetter || (isOther && index > range.lowerBound) else { return false }
        }
        return !range.isEmpty
    }
}
