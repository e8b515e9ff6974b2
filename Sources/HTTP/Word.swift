/// Eight bytes at a time, in one machine word. A test's result has the top bit of each byte that passes, the first byte
/// lowest.
///
/// The tests take bytes below 128 (`ascii`); their sums stay within a byte, so no byte disturbs its neighbour and every
/// result is exact.
enum Word {
    static let tops: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    static let size = 8

    /// The eight bytes at `offset`; the load checks that they lie within `bytes`.
    @inline(__always)
    static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
        // Unsafe by its type parameter only: every bit pattern is a number.
        UInt64(littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// `byte` eight times.
    @inline(__always) static func all(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    /// The word with every byte's top bit cleared.
    @inline(__always) static func ascii(_ word: UInt64) -> UInt64 { word & ~tops }

    /// Marks the bytes of an `ascii` word in `low...high`, both below 128; other bits than the top ones mean nothing.
    @inline(__always) static func within(_ word: UInt64, _ low: UInt8, _ high: UInt8) -> UInt64 {
        (word &+ all(0x80 &- low)) & ~(word &+ all(0x7f &- high))
    }

    /// Marks the bytes of an `ascii` word that are `byte`; other bits than the top ones mean nothing.
    @inline(__always) static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        ~((word ^ all(byte)) &+ all(0x7f))
    }

    /// The index of the first byte marked, or 8.
    @inline(__always) static func first(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }
}
