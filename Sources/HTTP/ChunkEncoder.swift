/// Writes the chunked coding, RFC 9112 section 7.1.
///
/// A chunk is `header`, the payload itself, `trailer`; the body ends with one `last`.
package enum ChunkEncoder {
    /// The most bytes that `header` writes: 16 digits and CRLF.
    package static let largestHeader = 18
    /// What `trailer` writes.
    package static let trailerLength = 2

    /// The size line before `length` bytes of payload. No chunk is written for a length of 0, which would end the body.
    @inlinable package static func header(_ length: Int, into writer: inout ByteWriter) {
        guard length > 0 else { return }
        writer.append(hex: UInt64(length))
        writer.append("\r\n")
    }

    /// The CRLF after a chunk's payload.
    @inlinable package static func trailer(into writer: inout ByteWriter) {
        writer.append("\r\n")
    }

    /// The last chunk without trailers.
    @inlinable package static func last(into writer: inout ByteWriter) {
        writer.append("0\r\n\r\n")
    }

    /// The last chunk with those of the trailer field lines in `bytes[trailers]` that `TrailerFilter` lets pass.
    /// The range is the one of `BodyStep.end`; at most its length and five more bytes are written.
    package static func last(
        _ bytes: UnsafeRawBufferPointer, trailers: Range<Int>, into writer: inout ByteWriter
    ) {
        writer.append("0\r\n")
        guard trailers.lowerBound >= 0, trailers.upperBound <= bytes.count, !trailers.isEmpty else {
            writer.append("\r\n")
            return
        }
        let span = unsafe bytes.assumingMemoryBound(to: UInt8.self).span
        var position = trailers.lowerBound
        // The section was checked by the decoder; what does not read as a field line ends the copying.
        while position < trailers.upperBound, let end = try? LineScanner.lineEnd(span, from: position),
            end < trailers.upperBound, let field = try? FieldLine.parse(span, start: position, end: end)
        {
            let name = position..<(position &+ Int(field.nameLength))
            if TrailerFilter.isForwardable(span, name: name, known: field.known) {
                unsafe writer.append(bytes, position..<(end &+ 2))
            }
            position = end &+ 2
        }
        writer.append("\r\n")
    }
}
