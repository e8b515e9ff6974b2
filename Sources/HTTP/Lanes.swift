/// Sixteen bytes at a time.
///
/// For small loops only: the standard library compares vectors lane by lane, and it takes a small function for the
/// optimiser to make single instructions of that (measured with Swift 6.3: 40 times slower where it did not). `Word`
/// has no such luck to hope for.
enum Lanes {
    /// The sixteen bytes at `offset`; the load checks that they lie within `bytes`.
    @inline(__always)
    static func load(_ bytes: Span<UInt8>, _ offset: Int) -> SIMD16<UInt8> {
        // Unsafe by its type parameter only: every bit pattern is a vector of bytes.
        unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// The index of the first true lane, or 16.
    @inline(__always)
    static func firstHit(_ mask: SIMDMask<SIMD16<Int8>>) -> Int {
        // A mask is sixteen bytes of zeros or ones, so the vector may be read as two words.
        let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        if words[0] != 0 { return UInt64(littleEndian: words[0]).trailingZeroBitCount &>> 3 }
        if words[1] != 0 { return 8 &+ UInt64(littleEndian: words[1]).trailingZeroBitCount &>> 3 }
        return 16
    }
}
