/// A cursor over memory that the caller owns. What does not fit sets `overflowed` and writes nothing from then on;
/// nothing traps.
@safe package struct ByteWriter {
    @usableFromInline let base: UnsafeMutableRawPointer?
    @usableFromInline let capacity: Int
    @usableFromInline var cursor = 0
    @usableFromInline var hasOverflowed = false

    /// The caller keeps `buffer` alive as long as the writer.
    @inlinable package init(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe base = buffer.baseAddress
        capacity = buffer.count
    }

    /// How many bytes were written.
    @inlinable package var count: Int { cursor }
    /// Something did not fit; the bytes written are not the whole.
    @inlinable package var overflowed: Bool { hasOverflowed }

    /// The bytes written so far.
    @inlinable package var written: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Reserves `length` bytes and returns where they begin, or nil, setting `overflowed`.
    @inlinable @inline(__always)
    mutating func claim(_ length: Int) -> UnsafeMutableRawPointer? {
        guard !hasOverflowed, length >= 0, length <= capacity &- cursor, let base = unsafe base else {
            hasOverflowed = hasOverflowed || length != 0
            return nil
        }
        let start = unsafe base + cursor
        cursor &+= length
        return unsafe start
    }

    @inlinable package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = unsafe claim(bytes.count) else { return }
        unsafe target.copyMemory(from: source, byteCount: bytes.count)
    }

    /// Appends `bytes[range]`; a range that is not within `bytes` counts as overflow.
    @inlinable package mutating func append(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            hasOverflowed = true
            return
        }
        unsafe append(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    @inlinable package mutating func append(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) {
        unsafe append(bytes, range.range)
    }

    /// Appends constant text, which is ASCII.
    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        guard let target = unsafe claim(text.utf8CodeUnitCount) else { return }
        unsafe target.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    }

    @inlinable package mutating func append(byte: UInt8) {
        guard let target = unsafe claim(1) else { return }
        unsafe target.storeBytes(of: byte, as: UInt8.self)
    }

    @inlinable package mutating func append(decimal value: UInt64) { append(value, radix: 10) }

    /// Appends small hexadecimal digits without a prefix.
    @inlinable package mutating func append(hex value: UInt64) { append(value, radix: 16) }

    @inlinable mutating func append(_ value: UInt64, radix: UInt64) {
        var digits = 1
        var rest = value / radix
        while rest > 0 {
            digits &+= 1
            rest /= radix
        }
        guard let target = unsafe claim(digits) else { return }
        rest = value
        while digits > 0 {
            digits &-= 1
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            unsafe target.storeBytes(
                of: digit < 10 ? digit &+ 0x30 : digit &+ 0x57, toByteOffset: digits, as: UInt8.self)
            rest /= radix
        }
    }
}
