/// Looking into names and values from outside the codec. Ranges that are not within the bytes match nothing.
package enum FieldValue {
    /// Whether `bytes[range]` is `constant`, which is written in small letters, in any case.
    package static func equals(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ constant: StaticString) -> Bool {
        guard isWithin(bytes.count, range) else { return false }
        return Bytes.equalIgnoringCase(unsafe bytes.assumingMemoryBound(to: UInt8.self).span, range, constant)
    }

    /// Whether `bytes[range]` and `other` are the same but for the case of ASCII letters.
    package static func equals(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ other: UnsafeRawBufferPointer
    ) -> Bool {
        guard isWithin(bytes.count, range), range.count == other.count else { return false }
        for index in 0..<other.count
        where unsafe Bytes.lowercased(bytes[range.lowerBound &+ index]) != Bytes.lowercased(other[index]) {
            return false
        }
        return true
    }

    /// Whether `bytes[range]` begins with `constant`, which is written in small letters, in any case.
    package static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ constant: StaticString)
        -> Bool
    {
        let length = constant.utf8CodeUnitCount
        guard range.count >= length else { return false }
        return unsafe equals(bytes, range.lowerBound..<(range.lowerBound &+ length), constant)
    }

    /// Whether the comma-separated list `bytes[range]` has an element `token`, written in small letters, in any case.
    package static func list(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, contains token: StaticString
    ) -> Bool {
        var position = range.lowerBound
        while let element = unsafe nextElement(bytes, range, from: &position) {
            if unsafe equals(bytes, element, token) { return true }
        }
        return false
    }

    /// The next element of the comma-separated list `bytes[range]` without the whitespace around it, or nil after the
    /// last one.
    /// - Parameter position: where to go on; the range's lower bound at first.
    package static func nextElement(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, from position: inout Int
    ) -> Range<Int>? {
        guard isWithin(bytes.count, range), position >= range.lowerBound, position <= range.upperBound else {
            return nil
        }
        var list = FieldList(position..<range.upperBound)
        let element = list.next(unsafe bytes.assumingMemoryBound(to: UInt8.self).span)
        position = list.position
        return element
    }

    /// `range` without SP and HT at either end.
    package static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        guard isWithin(bytes.count, range) else { return range }
        return Bytes.trimmed(unsafe bytes.assumingMemoryBound(to: UInt8.self).span, range)
    }

    private static func isWithin(_ count: Int, _ range: Range<Int>) -> Bool {
        range.lowerBound >= 0 && range.upperBound <= count
    }
}
