/// What an HTTP/1.1 message may cost before it is refused. Every bound is in bytes unless it says otherwise.
package struct HTTP1Limits: Sendable, Equatable, BitwiseCopyable {
    /// The largest head that field offsets (16 bits) can address.
    package static let largestHead = 65_535
    /// Default size of a whole head, start line to empty line: 64 KiB, less the one byte that offsets cannot reach.
    package static let defaultHeadBytes = largestHead
    /// Default number of field lines in a head. Also the most a `FieldTable` can hold.
    package static let defaultFields = 128
    /// Default size of a request target.
    package static let defaultTargetBytes = 16 * 1024
    /// Default size of one chunk-size line with its extensions and CRLF.
    package static let defaultChunkLineBytes = 512
    /// Default sum of all chunk extensions of one body: a stream of tiny chunks with large extensions costs work and
    /// carries nothing.
    package static let defaultChunkExtensionBytes = 16 * 1024
    /// Default size of a trailer section with its final empty line.
    package static let defaultTrailerBytes = 8 * 1024

    package var headBytes = HTTP1Limits.defaultHeadBytes
    package var fields = HTTP1Limits.defaultFields
    package var targetBytes = HTTP1Limits.defaultTargetBytes
    package var chunkLineBytes = HTTP1Limits.defaultChunkLineBytes
    package var chunkExtensionBytes = HTTP1Limits.defaultChunkExtensionBytes
    package var trailerBytes = HTTP1Limits.defaultTrailerBytes

    package init() {}
}
