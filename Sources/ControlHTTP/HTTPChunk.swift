internal import HTTP

/// A piece of a streamed body with its framing around it, made once and sent to any number of peers.
package struct HTTPChunk: Sendable {
    private let framed: [UInt8]
    private let payloadRange: Range<Int>

    package init(_ payload: [UInt8]) {
        let header = HTTPChunk.header(payload.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header.count + payload.count + HTTPChunk.trailer.count)
        bytes += header
        bytes += payload
        if !payload.isEmpty { bytes += HTTPChunk.trailer }
        framed = bytes
        payloadRange = header.count..<(header.count + payload.count)
    }

    /// The bytes without framing.
    package var payload: ArraySlice<UInt8> { framed[payloadRange] }
    var whole: ArraySlice<UInt8> { framed[...] }

    static let trailer = Array("\r\n".utf8)
    static let last = Array("0\r\n\r\n".utf8)

    /// The size line of a chunk; empty for a length of 0, which would end the body.
    static func header(_ length: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: ChunkEncoder.largestHeader) { room, count in
            var writer = unsafe ByteWriter(UnsafeMutableRawBufferPointer(room))
            ChunkEncoder.header(length, into: &writer)
            count = writer.count
        }
    }
}
