/// Fields by which one proxy tells the next who the client is, what it has proved, or how a request read before it was
/// rewritten. An application believes them, so at the edge they come from peers that are trusted or not at all.
///
/// The names are those of proxies, load balancers, content delivery networks and authenticating proxies that are in
/// use. Names count as the applications' interfaces see them (CGI, WSGI, Rack): in any case, and with `-` for every
/// byte that is no letter or digit, so that `X_Forwarded_For` is `X-Forwarded-For`. docs/client-fields.md has the list.
///
/// Fields that only ask an application for something are its own affair, such as `X-HTTP-Method-Override`.
package enum ClientField: Sendable {
    /// Says who the client is, or marks a request as internal, original or rewritten.
    case client
    /// `Proxy`, which a CGI program takes for the proxy that it is to use (CVE-2016-5385). Nobody needs it.
    case proxy
    /// What proxies of this mesh tell each other.
    case mesh

    /// What a field that is no `KnownField` says; nil for all others. `name` lies within `bytes`.
    @inline(__always)
    static func named(_ bytes: Span<UInt8>, _ name: Range<Int>) -> ClientField? {
        guard name.count >= 5 else { return nil }
        switch bytes[name.lowerBound] | 0x20 {
        case 0x78: return isExtension(bytes, name) ? .client : nil  // x
        // a c d f i l o p r s t w
        case 0x61, 0x63, 0x64, 0x66, 0x69, 0x6c, 0x6f, 0x70, 0x72, 0x73, 0x74, 0x77: return meaning(bytes, name)
        default: return nil
        }
    }

    @inline(never)
    private static func meaning(_ bytes: Span<UInt8>, _ name: Range<Int>) -> ClientField? {
        let isClient =
            switch bytes[name.lowerBound] | 0x20 {
            case 0x61: begins(bytes, name, "akamai-") || equals(bytes, name, "ali-cdn-real-ip")
            case 0x63:
                begins(bytes, name, "client-cert") || equals(bytes, name, "client-ip") || begins(bytes, name, "cf-")
                    || begins(bytes, name, "cloudfront-") || begins(bytes, name, "cdn-src-")
                    || begins(bytes, name, "cdn-real-")
            case 0x64: equals(bytes, name, "do-connecting-ip")
            case 0x66:
                begins(bytes, name, "forwarded-") || equals(bytes, name, "front-end-https")
                    || equals(bytes, name, "fastly-client-ip") || equals(bytes, name, "fly-client-ip")
            case 0x69: equals(bytes, name, "incap-client-ip") || begins(bytes, name, "impersonate-")
            case 0x6c: begins(bytes, name, "l5d-")
            case 0x6f: begins(bytes, name, "oidc-")
            case 0x70: equals(bytes, name, "proxy-client-ip")
            case 0x72: begins(bytes, name, "remote-")
            case 0x73: begins(bytes, name, "ssl-")
            case 0x74: equals(bytes, name, "true-client-ip") || begins(bytes, name, "tailscale-")
            case 0x77: begins(bytes, name, "wl-proxy-")
            default: false
            }
        if isClient { return .client }
        if equals(bytes, name, "proxy") { return .proxy }
        return begins(bytes, name, "weir-") ? .mesh : nil
    }

    /// `X-...`, by the letter behind it.
    @inline(never)
    private static func isExtension(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        switch bytes[name.lowerBound &+ 2] | 0x20 {
        case 0x61:
            return begins(bytes, name, "x-arr-") || begins(bytes, name, "x-azure-")
                || begins(bytes, name, "x-amzn-oidc-") || begins(bytes, name, "x-amzn-mtls-")
                || begins(bytes, name, "x-appengine-") || begins(bytes, name, "x-auth-request-")
                || begins(bytes, name, "x-authentik-") || begins(bytes, name, "x-akamai-")
                || begins(bytes, name, "x-authenticated-") || begins(bytes, name, "x-anonymous-consumer")
        case 0x63:
            return equals(bytes, name, "x-client-ip") || equals(bytes, name, "x-client-dn")
                || begins(bytes, name, "x-client-cert") || begins(bytes, name, "x-client-verif")
                || begins(bytes, name, "x-client-ssl") || begins(bytes, name, "x-client-subject")
                || begins(bytes, name, "x-cluster-client-ip") || begins(bytes, name, "x-cert-")
                || begins(bytes, name, "x-certificate") || begins(bytes, name, "x-consumer-")
                || begins(bytes, name, "x-credential-")
        case 0x65: return begins(bytes, name, "x-envoy-")
        case 0x66:
            return begins(bytes, name, "x-forward-") || begins(bytes, name, "x-forwarded-")
                || equals(bytes, name, "x-forwarded")
        case 0x67: return begins(bytes, name, "x-goog-authenticated-user-") || begins(bytes, name, "x-goog-iap-")
        case 0x68: return equals(bytes, name, "x-host") || equals(bytes, name, "x-http-host-override")
        case 0x6d:
            return begins(bytes, name, "x-ms-client-principal") || begins(bytes, name, "x-mtls-")
                || begins(bytes, name, "x-middleware-")
        case 0x6e: return equals(bytes, name, "x-nf-client-connection-ip")
        case 0x6f: return begins(bytes, name, "x-original-") || equals(bytes, name, "x-originating-ip")
        case 0x70: return equals(bytes, name, "x-proxyuser-ip") || begins(bytes, name, "x-pomerium-")
        case 0x72:
            return begins(bytes, name, "x-real-") || begins(bytes, name, "x-remote-")
                || begins(bytes, name, "x-rewrite-")
        case 0x73:
            return begins(bytes, name, "x-ssl-") || equals(bytes, name, "x-scheme")
                || equals(bytes, name, "x-source-ip") || begins(bytes, name, "x-sucuri-")
                || equals(bytes, name, "x-scope-orgid")
        case 0x74: return equals(bytes, name, "x-true-client-ip") || begins(bytes, name, "x-tls-")
        case 0x75: return equals(bytes, name, "x-url-scheme")
        case 0x76: return begins(bytes, name, "x-vercel-") || begins(bytes, name, "x-vouch-")
        case 0x77: return begins(bytes, name, "x-webauth-")
        default: return false
        }
    }

    private static func equals(_ bytes: Span<UInt8>, _ name: Range<Int>, _ constant: StaticString) -> Bool {
        name.count == constant.utf8CodeUnitCount && begins(bytes, name, constant)
    }

    /// Whether the name begins with `constant` as an application sees it.
    private static func begins(_ bytes: Span<UInt8>, _ name: Range<Int>, _ constant: StaticString) -> Bool {
        guard name.count >= constant.utf8CodeUnitCount else { return false }
        for index in 0..<constant.utf8CodeUnitCount
        where unsafe Bytes.spelling(bytes[name.lowerBound &+ index]) != constant.utf8Start[index] {
            return false
        }
        return true
    }
}
