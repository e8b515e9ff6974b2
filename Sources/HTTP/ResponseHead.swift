/// The head of a response, parsed. A worker keeps one and parses every response into it; offsets are valid for the
/// bytes last parsed.
///
/// All ranges are offsets from the first byte given to `parse`.
@safe package final class ResponseHead {
    package let fields = FieldTable()
    @usableFromInline let facts: UnsafeMutablePointer<ResponseFacts>

    @inlinable package var status: Int { unsafe facts.pointee.status }
    /// The reason phrase; may be empty.
    @inlinable package var reason: ByteRange { unsafe facts.pointee.reason }
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later minors.
    @inlinable package var versionMinor: UInt8 { unsafe facts.pointee.versionMinor }
    @inlinable package var body: BodyFraming { unsafe facts.pointee.body }
    /// The upstream's connection may carry another request after this response.
    @inlinable package var keepAlive: Bool { unsafe facts.pointee.keepAlive }
    /// Where in `fields` the Upgrade of a 101 is, or nil.
    @inlinable package var upgradeFieldIndex: Int? { unsafe facts.pointee.upgradeFieldIndex }
    /// How many bytes the head takes; 0 while there is none.
    @inlinable package var headLength: Int { unsafe facts.pointee.headLength }

    package init() {
        unsafe facts = .allocate(capacity: 1)
        unsafe facts.initialize(to: ResponseFacts())
    }

    deinit {
        unsafe facts.deallocate()
    }

    /// A 1xx other than 101: another head follows on the same connection.
    @inlinable package var isInterim: Bool { status < 200 && status != 101 }
    /// A 101: what follows the head is no HTTP/1.1.
    @inlinable package var isSwitchingProtocols: Bool { status == 101 }
}
