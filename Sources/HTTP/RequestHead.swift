/// The head of a request, parsed. A worker keeps one and parses every request into it; offsets are valid for the bytes last parsed.
///
/// All ranges are offsets from the first byte given to `parse`.
package final class RequestHead {
    package let fields = FieldTable()

    package internal(set) var method = HTTPMethod.other
    package internal(set) var methodRange = ByteRange.empty
    /// The target as written.
    package internal(set) var target = ByteRange.empty
    /// The path as written; empty if an absolute-form target has none, which means `/`.
    package internal(set) var path = ByteRange.empty
    /// The query without its `?`.
    package internal(set) var query = ByteRange.empty
    /// Whether the target has a `?`.
    package internal(set) var hasQuery = false
    /// The target is `*`, or an absolute-form OPTIONS target without path and query, which is sent on as `*`.
    package internal(set) var isAsterisk = false
    /// The target is in absolute-form; its authority then stands for the Host field.
    package internal(set) var isAbsolute = false
    /// Who is addressed, as `host[:port]`.
    package internal(set) var authority = ByteRange.empty
    /// The authority's host; an IPv6 literal keeps its brackets.
    package internal(set) var host = ByteRange.empty
    /// The authority's port, or 0 if none is written.
    package internal(set) var port: UInt16 = 0
    /// Where in `fields` Host is.
    package internal(set) var hostFieldIndex = 0
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later minors.
    package internal(set) var versionMinor: UInt8 = 1
    package internal(set) var body = BodyFraming.none
    /// The client's connection may carry another request after this one.
    package internal(set) var keepAlive = true
    /// Where in `fields` an Upgrade is that may be passed on, or nil.
    package internal(set) var upgradeFieldIndex: Int?
    /// The client waits for 100 (Continue) before it sends the body.
    package internal(set) var expectContinue = false
    /// How many bytes the head takes; 0 while there is none.
    package internal(set) var headLength = 0

    package init() {}

    /// An upgrade was requested that may be passed on.
    @inlinable package var upgrade: Bool { upgradeFieldIndex != nil }
}
