/// The head of a request, parsed. A worker keeps one and parses every request into it; offsets are valid for the bytes
/// last parsed.
///
/// All ranges are offsets from the first byte given to `parse`.
@safe package final class RequestHead {
    package let fields = FieldTable()
    @usableFromInline let facts: UnsafeMutablePointer<RequestFacts>

    @inlinable package var method: HTTPMethod { unsafe facts.pointee.method }
    @inlinable package var methodRange: ByteRange { unsafe facts.pointee.methodRange }
    /// The target as written.
    @inlinable package var target: ByteRange { unsafe facts.pointee.target }
    /// The path as written; empty if an absolute-form target has none, which means `/`.
    @inlinable package var path: ByteRange { unsafe facts.pointee.path }
    /// The query without its `?`.
    @inlinable package var query: ByteRange { unsafe facts.pointee.query }
    /// Whether the target has a `?`.
    @inlinable package var hasQuery: Bool { unsafe facts.pointee.hasQuery }
    /// The target is `*`, or an absolute-form OPTIONS target without path and query, which is sent on as `*`.
    @inlinable package var isAsterisk: Bool { unsafe facts.pointee.isAsterisk }
    /// The target is in absolute-form; its authority then stands for the Host field.
    @inlinable package var isAbsolute: Bool { unsafe facts.pointee.isAbsolute }
    /// Who is addressed, as `host[:port]`; empty only in HTTP/1.0 without Host.
    @inlinable package var authority: ByteRange { unsafe facts.pointee.authority }
    /// The authority's host; an IPv6 literal keeps its brackets.
    @inlinable package var host: ByteRange { unsafe facts.pointee.host }
    /// The authority's port, or 0 if none is written.
    @inlinable package var port: UInt16 { unsafe facts.pointee.port }
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later minors.
    @inlinable package var versionMinor: UInt8 { unsafe facts.pointee.versionMinor }
    @inlinable package var body: BodyFraming { unsafe facts.pointee.body }
    /// The client's connection may carry another request after this one.
    @inlinable package var keepAlive: Bool { unsafe facts.pointee.keepAlive }
    /// Where in `fields` an Upgrade is that may be passed on, or nil.
    @inlinable package var upgradeFieldIndex: Int? { unsafe facts.pointee.upgradeFieldIndex }
    /// The client waits for 100 (Continue) before it sends the body.
    @inlinable package var expectContinue: Bool { unsafe facts.pointee.expectContinue }
    /// How many bytes the head takes; 0 while there is none.
    @inlinable package var headLength: Int { unsafe facts.pointee.headLength }

    package init() {
        unsafe facts = .allocate(capacity: 1)
        unsafe facts.initialize(to: RequestFacts())
    }

    deinit {
        unsafe facts.deallocate()
    }

    /// An upgrade was requested that may be passed on.
    @inlinable package var upgrade: Bool { upgradeFieldIndex != nil }
}
