import HTTP
import Testing

/// Fields that say who the client is stop at the edge, unless a trusted peer sends them.
@Suite("Client fields") struct ClientFieldTests {
    private func stops(_ line: String, at screen: FieldScreen) -> Bool {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n"
        let head = RequestHead()
        var scanned = 0
        return Array(text.utf8).withUnsafeBytes { bytes in
            guard case .complete = head.parse(bytes, limits: HTTP1Limits(), scanned: &scanned) else { return false }
            return screen.stops(head.fields[1], in: bytes)
        }
    }

    static let names = [
        "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-Server",
        "X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert", "X-Forwarded-User", "X-Forwarded", "Forwarded-For",
        "X-Real-IP", "True-Client-IP", "X-True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Originating-IP",
        "X-ProxyUser-Ip", "WL-Proxy-Client-IP", "Proxy-Client-IP", "X-Remote-Addr", "X-Remote-User", "Remote-User",
        "CF-Connecting-IP", "CF-IPCountry", "Fastly-Client-IP", "Fly-Client-IP", "DO-Connecting-IP",
        "CloudFront-Viewer-Address", "X-NF-Client-Connection-IP", "X-Azure-ClientIP", "X-Appengine-User-Ip",
        "X-SSL-Client-Cert", "X-SSL-Client-Verify", "X-Client-Cert", "X-Client-Certificate", "X-Client-DN",
        "X-Client-Verify", "Client-Cert", "Client-Cert-Chain", "ssl-client-cert", "SSL-Client-Verify",
        "X-ARR-ClientCert",
        "X-Amzn-Oidc-Identity", "X-Amzn-Mtls-Clientcert", "X-Goog-Authenticated-User-Email", "X-Goog-IAP-JWT-Assertion",
        "X-MS-CLIENT-PRINCIPAL-NAME", "X-Auth-Request-User", "X-WEBAUTH-USER", "X-Envoy-Internal",
        "X-Envoy-External-Address", "X-Envoy-Original-Path", "X-Original-URL", "X-Original-URI", "X-Original-Method",
        "X-Original-Host", "X-Rewrite-URL", "X-Host", "X-HTTP-Host-Override", "X-Scheme", "X-Url-Scheme",
        "Front-End-Https", "l5d-client-id",
        "Client-IP", "X-Forward-For", "X-Source-IP", "Incap-Client-IP", "X-Sucuri-ClientIP", "Ali-CDN-Real-IP",
        "CDN-Src-IP", "X-TLS-Version", "X-Cert-Subject", "X-Certificate", "X-MTLS-Subject", "X-Authenticated-Userid",
        "X-Consumer-Username", "X-Vouch-User", "OIDC_CLAIM_sub", "OIDC-Claim-Email", "Tailscale-User-Login",
        "X-Anonymous-Consumer", "X-Credential-Identifier", "X-Scope-OrgID", "Impersonate-User",
        "X-Middleware-Subrequest",
        // As CGI, WSGI and Rack see it the same name.
        "X_Forwarded_Prefix", "X-Real_IP", "x.real.ip", "X_ORIGINAL_URL", "X-Forwarded-For_", "X_Forwarded_For",
        "X~SSL~Client~Cert",
    ]

    @Test(arguments: names) func comeFromTrustedPeersOnly(_ name: String) {
        #expect(stops("\(name): 1", at: .untrusted))
        #expect(!stops("\(name): 1", at: .trusted))
        #expect(stops("\(name):", at: .trusted), "an empty one says nothing")
        #expect(!stops("\(name): 1", at: .inside))
    }

    @Test(arguments: [
        "X-Request-Id", "X-Client-Id", "X-Client-Version", "X-Client-Data", "X-Real", "X-Requested-With", "Client-Id",
        "X-HTTP-Method-Override", "X-Originator", "X-Forward", "Client", "Cookie", "Remote", "Forwards", "X-Forward",
        "Proxying", "SSL",
        "X-Original", "Cf", "X-Envoy", "Accept", "DNT", "X-A", "X", "Traceparent", "Sec-WebSocket-Key", "Weird",
    ])
    func otherFieldsPass(_ name: String) {
        for screen in [FieldScreen.inside, .trusted, .untrusted] { #expect(!stops("\(name): 1", at: screen)) }
    }

    @Test func whatProxiesTellEachOtherStopsAtEveryDoorAndProxyAtTheEdge() {
        for name in ["Weir-Client-Id", "weir_anything"] {
            for screen in [FieldScreen.inside, .trusted, .untrusted] { #expect(stops("\(name): 1", at: screen)) }
        }
        #expect(stops("Proxy: http://evil.test", at: .untrusted))
        #expect(stops("Proxy: http://evil.test", at: .trusted))
        #expect(!stops("Proxy: x", at: .inside))
    }

    @Test(arguments: ["X_User", "a.b", "a~", "a!b", "_"]) func namesThatMayStandForOthersAreMarked(_ name: String) {
        let (_, head) = Feeding.request("GET / HTTP/1.1\r\nHost: a\r\n\(name): 1\r\n\r\n")
        #expect(head.fields.contains(.ambiguous))
        #expect(!Feeding.request("GET / HTTP/1.1\r\nHost: a\r\nX-User-1: 1\r\n\r\n").1.fields.contains(.ambiguous))
    }

    @Test func connectionDoesNotNameThemAway() {
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-real-ip, weir-hops, x-a\r\nX-Real-IP: 1\r\nWeir-Hops: 2\r\nX-A: 1\r\n\r\n"
        let (_, head) = Feeding.request(text)
        #expect((2...4).map { head.fields[$0].hopByHop } == [false, false, true])
    }

    @Test(arguments: [
        ("1.2.3.4", true), ("1.2.3.4:80", true), ("::1", true), ("[fd00::1]", true), ("[fd00::1]:443", true),
        ("", false),
        ("unknown", false), ("1.2.3", false), ("1.2.3.256", false), ("_hidden", false), ("[::1", false),
        ("1.2.3.4:x", false),
        ("1.2.3.4 5", false),
    ])
    func membersOfForwardedForAreAddresses(_ text: String, _ isOne: Bool) {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes { ForwardedMember.isAddress($0, 0..<bytes.count) } == isOne)
    }
}
