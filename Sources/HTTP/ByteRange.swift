/// A stretch of a head's bytes, as offsets from the head's first byte.
package struct ByteRange: Sendable, Equatable {
    package var start: UInt16
    package var length: UInt16

    /// A range of no bytes at offset 0.
    package static let empty = ByteRange(start: 0, length: 0)

    @inlinable package init(start: UInt16, length: UInt16) {
        self.start = start
        self.length = length
    }

    /// The range from `start` to `end`; heads are at most `HTTP1Limits.largestHead` bytes, so both fit.
    @inlinable package init(from start: Int, to end: Int) {
        self.start = UInt16(truncatingIfNeeded: start)
        self.length = UInt16(truncatingIfNeeded: end &- start)
    }

    @inlinable package var isEmpty: Bool { length == 0 }
    /// The offset after the last byte.
    @inlinable package var end: Int { Int(start) &+ Int(length) }
    @inlinable package var range: Range<Int> { Int(start)..<end }
}
