/// Which fields concern one connection only, RFC 9110 section 7.6.1.
enum HopByHop {
    private static let always: UInt64 =
        KnownField.connection.bit | KnownField.keepAlive.bit | KnownField.proxyConnection.bit | KnownField.te.bit
        | KnownField.transferEncoding.bit | KnownField.upgrade.bit | KnownField.http2Settings.bit
        | KnownField.proxyAuthenticate.bit | KnownField.proxyAuthorization.bit

    /// Fields that `Connection` cannot name away: without them the message would be framed, routed, attributed or
    /// authorised as another one. Section 7.6.1 forbids senders to name fields meant for every recipient; the ones
    /// listed here are those worth attacking.
    private static let protected: UInt64 =
        KnownField.host.bit | KnownField.contentLength.bit | KnownField.transferEncoding.bit | KnownField.expect.bit
        | KnownField.forwarded.bit | KnownField.xForwardedFor.bit | KnownField.xForwardedProto.bit
        | KnownField.xForwardedHost.bit | KnownField.via.bit | KnownField.server.bit | KnownField.date.bit
        | KnownField.location.bit | KnownField.weirRouted.bit | KnownField.weirFailure.bit | KnownField.weirHops.bit
        | KnownField.wwwAuthenticate.bit | KnownField.authorization.bit | KnownField.cookie.bit
        | KnownField.setCookie.bit | KnownField.contentType.bit | KnownField.contentEncoding.bit
        | KnownField.cacheControl.bit | KnownField.trailer.bit

    /// Whether the field is never forwarded, named in `Connection` or not.
    @inline(__always) static func isAlways(_ field: KnownField) -> Bool { always & field.bit != 0 }

    /// Whether naming the field in `Connection` has no effect.
    static func isProtected(_ field: KnownField) -> Bool { protected & field.bit != 0 }
}
