/// Which trailer fields may be forwarded, RFC 9110 section 6.5.1: none that frames, routes, authenticates, controls the
/// request or says how to read the content. A recipient that merged such a field into the head would act on what nobody
/// checked.
enum TrailerFilter {
    /// Whether the trailer field named `bytes[name]` may be forwarded.
    static func isForwardable(_ bytes: Span<UInt8>, name: Range<Int>, known: KnownField) -> Bool {
        // One with another spelling may stand for any of those below.
        guard known == .other, ClientField.named(bytes, name) == nil else { return false }
        @inline(__always) func `is`(_ field: StaticString) -> Bool { Bytes.equalIgnoringCase(bytes, name, field) }
        if hasPrefix(bytes, name, "content-") || hasPrefix(bytes, name, "if-") { return false }
        // Every known field is refused above: framing, connection, Host, Expect, TE, Trailer, Forwarded, Via, Cookie,
        // Set-Cookie, Authorization, Cache-Control, Location, Date, Server. These are the others.
        return
            !(`is`("authentication-info") || `is`("proxy-authentication-info")
            || `is`("range") || `is`("accept-ranges") || `is`("max-forwards") || `is`("pragma") || `is`("age")
            || `is`("expires") || `is`("retry-after") || `is`("vary") || `is`("warning")
            || `is`("x-http-method-override"))
    }

    private static func hasPrefix(_ bytes: Span<UInt8>, _ name: Range<Int>, _ prefix: StaticString) -> Bool {
        let end = name.lowerBound &+ prefix.utf8CodeUnitCount
        return end <= name.upperBound && Bytes.equalIgnoringCase(bytes, name.lowerBound..<end, prefix)
    }
}
