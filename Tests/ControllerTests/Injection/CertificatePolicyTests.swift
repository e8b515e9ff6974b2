import ControlHTTP
import Controller
import Foundation
import GatewayAPI
import HTTP
import Reactor
import TLS
import Testing

@Suite struct CertificatePolicyTests {
    private let policy = CertificatePolicy(service: "weir-controller", namespace: "weir-system")
    private let now = Int64(Date().timeIntervalSince1970)
    private static let day: Int64 = 86_400

    private func fresh() throws -> WeirCertificates {
        try #require(try policy.apply(.beginAnew, to: nil))
    }

    /// Whether a client that knows these authorities takes what is served.
    private func isTrusted(_ served: WeirCertificates, by authorities: [UInt8]) throws -> Bool {
        let loop = try EventLoop()
        let identity = try TLSIdentity(certificateChain: served.certificate, privateKey: served.key)
        let context = try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
        let server = try HTTPServer(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false), loop: loop, tls: { context }
        ) { $1.respond(.text(200, "")) }
        let client = HTTPClient(
            loop: loop,
            endpoint: HTTPEndpoint(
                host: "127.0.0.1", port: server.port,
                tls: try TLSClientContext(roots: .pem(authorities), identity: nil), serverName: policy.names[0]))
        var result: Result<HTTPClientResponse, HTTPClientError>?
        client.send(HTTPClientRequest(.get, "/")) { result = $0 }
        #expect(loop.run { result != nil })
        return (try? result?.get().status) == 200
    }

    @Test func whatIsMadeAnewIsKeptForTwoThirdsOfItsLife() throws {
        let made = try fresh()
        guard case .keep(let until) = policy.decide(made, now: now) else {
            Issue.record("\(policy.decide(made, now: now))")
            return
        }
        #expect(abs(until - now - 60 * Self.day) < 60)
        #expect(policy.decide(made, now: now + 59 * Self.day) == .keep(until: until))
        #expect(policy.decide(made, now: now + 61 * Self.day) == .renewLeaf)
        let leaf = try TLSIdentity(certificateChain: made.certificate, privateKey: made.key)
        #expect(leaf.dnsNames.contains("weir-controller.weir-system.svc"))
    }

    @Test func nothingUsableIsBegunAnew() throws {
        #expect(policy.decide(nil, now: now) == .beginAnew)
        var broken = try fresh()
        broken.authorityKey = Array("nonsense".utf8)
        #expect(policy.decide(broken, now: now) == .beginAnew)
        broken = try fresh()
        broken.authorities = []
        #expect(policy.decide(broken, now: now) == .beginAnew)
        #expect(policy.decide(try fresh(), now: now + 20 * 365 * Self.day) == .beginAnew)
    }

    @Test func aBrokenOrStrangeLeafIsRenewedByTheSameAuthority() throws {
        let made = try fresh()
        var broken = made
        broken.key = []
        #expect(policy.decide(broken, now: now) == .renewLeaf)
        let renewed = try #require(try policy.apply(.renewLeaf, to: broken))
        #expect(renewed.authorities == made.authorities)
        #expect(renewed.authorityKey == made.authorityKey)
        if case .keep = policy.decide(renewed, now: now) {} else { Issue.record("not kept") }
        let other = CertificatePolicy(service: "weir-controller", namespace: "mesh")
        #expect(other.decide(made, now: now) == .renewLeaf)
    }

    /// First the new authority is told to everybody, then it signs; the old one stays trusted.
    @Test func anAuthorityIsReplacedWithoutAGap() throws {
        let made = try fresh()
        let nearEnd = now + Int64(CertificatePolicy.authorityDays - 700) * Self.day
        var old = made
        let leaf = try CertificateMaker.leaf(
            dnsNames: policy.names, ipAddresses: [], days: 3600, authority: (made.authorities[0], made.authorityKey))
        old.certificate = leaf.certificate
        old.key = leaf.key
        #expect(policy.decide(old, now: nearEnd) == .renewAuthority)
        let announced = try #require(try policy.apply(.renewAuthority, to: made))
        guard case .keep(let announcedUntil) = policy.decide(announced, now: now) else {
            Issue.record("\(policy.decide(announced, now: now))")
            return
        }
        #expect(abs(announcedUntil - now - Int64(CertificatePolicy.announcementDays) * Self.day) < 100)
        #expect(policy.decide(announced, now: announcedUntil) == .renewLeaf)
        #expect(announced.authorities.count == 2)
        #expect(announced.authorities.last == made.authorities.first)
        // Pods that know only the old authority go on, as long as the new one is announced.
        #expect(try isTrusted(announced, by: made.bundle))
        #expect(try !isTrusted(announced, by: announced.authorities[0]))
        let leafEnd = try TLSIdentity(certificateChain: announced.certificate, privateKey: announced.key).notAfter
        #expect(leafEnd > announcedUntil + 30 * Self.day)
        let signed = try #require(try policy.apply(.renewLeaf, to: announced))
        #expect(signed.authorities == announced.authorities)
        #expect(try isTrusted(signed, by: announced.bundle))
        #expect(try !isTrusted(signed, by: made.bundle))
        // A third one drops the first.
        let third = try #require(try policy.apply(.renewAuthority, to: signed))
        #expect(third.authorities.count == 2)
        #expect(third.authorities.last == announced.authorities.first)
    }

    @Test func aSecretIsReadBackAndHalfOfOneIsNone() throws {
        let made = try fresh()
        let secret = Node.mapping(["data": made.data])
        #expect(WeirCertificates(secret: secret) == made)
        for name in ["ca.crt", "ca.key", "tls.crt", "tls.key"] {
            var half = secret
            half.update("data") { $0.set(name, nil) }
            #expect(WeirCertificates(secret: half) == nil)
            half.update("data") { $0.set(name, "%%%") }
            #expect(WeirCertificates(secret: half) == nil)
        }
    }
}
