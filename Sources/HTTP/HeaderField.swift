/// One field line of a head, as offsets into the head's bytes. A name begins its line, so `lineStart` is the name's
/// start.
package struct HeaderField: Sendable, Equatable {
    /// Offset of the first byte of the name, which is the first byte of the line.
    package var nameStart: UInt16
    package var nameLength: UInt16
    /// Offset of the value without the whitespace around it.
    package var valueStart: UInt16
    package var valueLength: UInt16
    /// Offset after the line's CRLF.
    package var lineEndOffset: UInt16
    package var known: KnownField
    /// The field concerns this connection only and must not be forwarded.
    package var hopByHop: Bool

    @inlinable package init(name: ByteRange, value: ByteRange, lineEnd: Int, known: KnownField, hopByHop: Bool) {
        nameStart = name.start
        nameLength = name.length
        valueStart = value.start
        valueLength = value.length
        lineEndOffset = UInt16(truncatingIfNeeded: lineEnd)
        self.known = known
        self.hopByHop = hopByHop
    }

    @inlinable package var name: ByteRange { ByteRange(start: nameStart, length: nameLength) }
    @inlinable package var value: ByteRange { ByteRange(start: valueStart, length: valueLength) }
    @inlinable package var lineStart: Int { Int(nameStart) }
    @inlinable package var lineEnd: Int { Int(lineEndOffset) }
    /// The whole line with its CRLF, to be copied as it is.
    @inlinable package var line: Range<Int> { lineStart..<lineEnd }
}
