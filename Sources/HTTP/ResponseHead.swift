/// The head of a response, parsed. A worker keeps one and parses every response into it; offsets are valid for the bytes last parsed.
///
/// All ranges are offsets from the first byte given to `parse`.
package final class ResponseHead {
    package let fields = FieldTable()

    package internal(set) var status = 0
    /// The reason phrase; may be empty.
    package internal(set) var reason = ByteRange.empty
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later minors.
    package internal(set) var versionMinor: UInt8 = 1
    package internal(set) var body = BodyFraming.none
    /// The upstream's connection may carry another request after this response.
    package internal(set) var keepAlive = true
    /// Where in `fields` the Upgrade of a 101 is, or nil.
    package internal(set) var upgradeFieldIndex: Int?
    /// How many bytes the head takes; 0 while there is none.
    package internal(set) var headLength = 0

    package init() {}

    /// A 1xx other than 101: another head follows on the same connection.
    @inlinable package var isInterim: Bool { status < 200 && status != 101 }
    /// A 101: what follows the head is no HTTP/1.1.
    @inlinable package var isSwitchingProtocols: Bool { status == 101 }
}
