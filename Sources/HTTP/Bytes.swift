/// Comparing stretches of bytes with constants and with each other.
enum Bytes {
    static let carriageReturn: UInt8 = 0x0d
    static let lineFeed: UInt8 = 0x0a
    static let tab: UInt8 = 0x09
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3a
    static let comma: UInt8 = 0x2c

    /// SP or HT: the whitespace that RFC 9110 section 5.6.3 calls OWS.
    @inline(__always) static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// An ASCII letter made small; every other byte as it is.
    @inline(__always) static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// A byte of a field's name as applications see it that turn names into variables: small letters, digits, and `-`
    /// for all others.
    @inline(__always) static func spelling(_ byte: UInt8) -> UInt8 {
        let small = byte | 0x20
        return small &- 0x61 < 26 ? small : byte &- 0x30 < 10 ? byte : 0x2d
    }

    /// Whether `bytes[range]` is exactly `constant`. The caller's `range` lies within `bytes`.
    @inline(__always)
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ constant: StaticString) -> Bool {
        guard range.count == constant.utf8CodeUnitCount else { return false }
        for index in 0..<range.count
        where unsafe bytes[range.lowerBound &+ index] != constant.utf8Start[index] {
            return false
        }
        return true
    }

    /// Whether `bytes[range]` is `constant`, which is written in small letters, in any case.
    @inline(__always)
    static func equalIgnoringCase(_ bytes: Span<UInt8>, _ range: Range<Int>, _ constant: StaticString) -> Bool {
        guard range.count == constant.utf8CodeUnitCount else { return false }
        for index in 0..<range.count
        where unsafe lowercased(bytes[range.lowerBound &+ index]) != constant.utf8Start[index] {
            return false
        }
        return true
    }

    /// Whether the token `bytes[range]` is `constant`, which is written in small letters, in any case.
    ///
    /// For tokens only: there setting bit 5 makes a letter small and changes no other byte into one of a constant name.
    @inline(__always)
    static func equalName(_ bytes: Span<UInt8>, _ range: Range<Int>, _ constant: StaticString) -> Bool {
        let count = constant.utf8CodeUnitCount
        guard range.count == count else { return false }
        guard count >= Word.size, count <= 2 &* Word.size else { return equalIgnoringCase(bytes, range, constant) }
        // Two words that may overlap cover the whole name.
        let last = count &- Word.size
        let text = unsafe UnsafeRawPointer(constant.utf8Start)
        let head = UInt64(littleEndian: unsafe text.loadUnaligned(as: UInt64.self))
        let tail = UInt64(littleEndian: unsafe text.loadUnaligned(fromByteOffset: last, as: UInt64.self))
        let small = Word.all(0x20)
        return Word.load(bytes, range.lowerBound) | small == head
            && Word.load(bytes, range.lowerBound &+ last) | small == tail
    }

    /// Whether two stretches are the same but for the case of ASCII letters.
    static func equalIgnoringCase(_ bytes: Span<UInt8>, _ first: Range<Int>, _ second: Range<Int>) -> Bool {
        guard first.count == second.count else { return false }
        for index in 0..<first.count
        where lowercased(bytes[first.lowerBound &+ index]) != lowercased(bytes[second.lowerBound &+ index]) {
            return false
        }
        return true
    }

    /// `range` without SP and HT at either end.
    @inline(__always)
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes[start]) { start &+= 1 }
        while end > start, isBlank(bytes[end &- 1]) { end &-= 1 }
        return start..<end
    }
}
