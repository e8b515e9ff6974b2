/// Field names that the proxy treats in a way of its own; all others are `.other` and pass as they are.
package enum KnownField: UInt8, Sendable, CaseIterable {
    case other
    case host, connection, contentLength, transferEncoding, te, trailer, upgrade, keepAlive
    case proxyConnection, proxyAuthenticate, proxyAuthorization, http2Settings
    case expect, forwarded, xForwardedFor, xForwardedProto, xForwardedHost, via
    case server, date, location, weirRouted, weirFailure, weirHops
    case authorization, cookie, setCookie, contentType, contentEncoding, cacheControl, wwwAuthenticate
    /// A name with a byte that is no letter, digit or hyphen: applications that turn names into variables may take it
    /// for another.
    case ambiguous

    /// The name in small letters; empty for `.other` and `.ambiguous`.
    package var name: StaticString {
        switch self {
        case .other, .ambiguous: ""
        case .host: "host"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .proxyAuthenticate: "proxy-authenticate"
        case .proxyAuthorization: "proxy-authorization"
        case .http2Settings: "http2-settings"
        case .expect: "expect"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedProto: "x-forwarded-proto"
        case .xForwardedHost: "x-forwarded-host"
        case .via: "via"
        case .server: "server"
        case .date: "date"
        case .location: "location"
        case .weirRouted: "weir-routed"
        case .weirFailure: "weir-failure"
        case .weirHops: "weir-hops"
        case .authorization: "authorization"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .cacheControl: "cache-control"
        case .wwwAuthenticate: "www-authenticate"
        }
    }

    /// One bit per field, for sets of them.
    @inlinable package var bit: UInt64 { 1 &<< UInt64(rawValue) }

    /// The field whose name is `bytes[range]`, in any case.
    ///
    /// By length first: no length has more than four candidates, and most names of a request have none.
    @inline(__always)
    static func named(_ bytes: Span<UInt8>, _ range: Range<Int>) -> KnownField {
        @inline(__always) func `is`(_ field: StaticString) -> Bool { Bytes.equalName(bytes, range, field) }
        switch range.count {
        case 2: if `is`("te") { return .te }
        case 3: if `is`("via") { return .via }
        case 4:
            if `is`("host") { return .host }
            if `is`("date") { return .date }
        case 6:
            if `is`("cookie") { return .cookie }
            if `is`("server") { return .server }
            if `is`("expect") { return .expect }
        case 7:
            if `is`("upgrade") { return .upgrade }
            if `is`("trailer") { return .trailer }
        case 8: if `is`("location") { return .location }
        case 9:
            if `is`("forwarded") { return .forwarded }
            if `is`("weir-hops") { return .weirHops }
        case 10:
            if `is`("connection") { return .connection }
            if `is`("keep-alive") { return .keepAlive }
            if `is`("set-cookie") { return .setCookie }
        case 11: if `is`("weir-routed") { return .weirRouted }
        case 12:
            if `is`("content-type") { return .contentType }
            if `is`("weir-failure") { return .weirFailure }
        case 13:
            if `is`("authorization") { return .authorization }
            if `is`("cache-control") { return .cacheControl }
        case 14:
            if `is`("content-length") { return .contentLength }
            if `is`("http2-settings") { return .http2Settings }
        case 15: if `is`("x-forwarded-for") { return .xForwardedFor }
        case 16:
            if `is`("content-encoding") { return .contentEncoding }
            if `is`("proxy-connection") { return .proxyConnection }
            if `is`("x-forwarded-host") { return .xForwardedHost }
            if `is`("www-authenticate") { return .wwwAuthenticate }
        case 17:
            if `is`("transfer-encoding") { return .transferEncoding }
            if `is`("x-forwarded-proto") { return .xForwardedProto }
        case 18: if `is`("proxy-authenticate") { return .proxyAuthenticate }
        case 19: if `is`("proxy-authorization") { return .proxyAuthorization }
        default: break
        }
        return .other
    }
}
