internal import Glibc

/// Comparisons over borrowed bytes.
enum Bytes {
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// A byte of a field's name as applications see it that turn names into variables: small letters, digits, and `-`
    /// for all others.
    static func spelling(_ byte: UInt8) -> UInt8 {
        let small = byte | 0x20
        return small &- 0x61 < 26 ? small : byte &- 0x30 < 10 ? byte : UInt8(ascii: "-")
    }

    @inline(__always)
    static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let left = a.baseAddress, let right = b.baseAddress, a.count > 0 else { return true }
        return memcmp(left, right, a.count) == 0
    }

    /// ASCII case-insensitive; `lower` is lower-cased already.
    @inline(__always)
    static func equalIgnoringCase(_ a: UnsafeRawBufferPointer, lower: UnsafeRawBufferPointer) -> Bool {
        guard a.count == lower.count else { return false }
        for index in 0..<a.count where lowercased(a[index]) != lower[index] { return false }
        return true
    }

    @inline(__always)
    static func slice(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// A host without the one trailing dot that makes a name absolute.
    @inline(__always)
    static func withoutTrailingDot(_ host: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        host.count > 0 && host[host.count - 1] == UInt8(ascii: ".") ? slice(host, 0, host.count - 1) : host
    }

    /// The value of a hexadecimal digit, nil for any other byte.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

/// Appends to a caller's buffer and remembers when something did not fit.
struct ByteWriter {
    private let target: UnsafeMutableRawBufferPointer
    private var length = 0
    private var overflowed = false

    init(_ target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    /// Bytes written, or -1 when the target was too small.
    var result: Int { overflowed ? -1 : length }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !overflowed, target.count - length >= bytes.count else {
            overflowed = true
            return
        }
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: target[length...]).copyMemory(
            from: UnsafeRawBufferPointer(start: source, count: bytes.count))
        length += bytes.count
    }

    mutating func append(byte: UInt8) {
        guard !overflowed, length < target.count else {
            overflowed = true
            return
        }
        target[length] = byte
        length += 1
    }

    mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    mutating func append(decimal value: UInt16) {
        var divisor: UInt16 = 10000
        while divisor > 1 && value < divisor { divisor /= 10 }
        while divisor > 0 {
            append(byte: 0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
