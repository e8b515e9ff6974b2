import Controller
import Foundation
import GatewayAPI
import TLS
import Testing

@Suite struct CertificatePolicyTests {
    private let policy = CertificatePolicy(service: "weir-controller", namespace: "weir-system")
    private let now = Int64(Date().timeIntervalSince1970)
    private static let day: Int64 = 86_400

    private func fresh() throws -> WeirCertificates {
        try #require(try policy.apply(.beginAnew, to: nil))
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
        let nearEnd = now + Int64(CertificatePolicy.authorityDays - 300) * Self.day
        var old = made
        let leaf = try CertificateMaker.leaf(
            dnsNames: policy.names, ipAddresses: [], days: 3600, authority: (made.authorities[0], made.authorityKey))
        old.certificate = leaf.certificate
        old.key = leaf.key
        #expect(policy.decide(old, now: nearEnd) == .renewAuthority)
        // Dates of certificates have whole seconds, and the new authority has to be the younger one.
        let second = time(nil)
        while time(nil) == second { sched_yield() }
        let announced = try #require(try policy.apply(.renewAuthority, to: old))
        guard case .keep(let announcedUntil) = policy.decide(announced, now: now) else {
            Issue.record("\(policy.decide(announced, now: now))")
            return
        }
        #expect((3500...3700).contains(announcedUntil - now))
        #expect(policy.decide(announced, now: announcedUntil) == .renewLeaf)
        #expect(announced.authorities.count == 2)
        #expect(announced.authorities.last == made.authorities.first)
        #expect(announced.certificate == old.certificate)
        let signed = try #require(try policy.apply(.renewLeaf, to: announced))
        #expect(signed.authorities == announced.authorities)
        #expect(signed.certificate != old.certificate)
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
