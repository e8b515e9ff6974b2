import GatewayAPI
import Glibc
import Routing
import TLS
import Telemetry
import Testing

@testable import Proxy

/// Certificates become contexts: anew where they have changed, and only there; what is wrong with one is its own
/// affair.
@Suite struct GatewayCertificatesTests {
    private static let authority = Result { try CertificateMaker.authority(commonName: "tests", days: 2) }

    private func certificate(_ name: String, days: Int = 1, keyOf other: String? = nil) throws -> PlannedCertificate {
        func pair(_ name: String) throws -> (certificate: [UInt8], key: [UInt8]) {
            try CertificateMaker.leaf(
                dnsNames: [name], ipAddresses: [], days: days, authority: Self.authority.get())
        }
        let made = try pair(name)
        return PlannedCertificate(
            secret: ObjectKey(namespace: "shop", name: name), chain: made.certificate,
            key: try other.map { try pair($0).key } ?? made.key)
    }

    private func listener(
        _ name: String, port: UInt16 = 443, hostname: String? = nil, _ certificates: PlannedCertificate...
    ) -> PlannedListener {
        PlannedListener(
            gateway: ObjectKey(namespace: "shop", name: "edge"), name: name, port: port, hostname: hostname,
            matches: [],
            isUsable: true, tls: certificates.isEmpty ? nil : PlannedTLS(certificates: certificates))
    }

    @Test func nothingIsMadeAnewWhenNothingHasChanged() throws {
        let listeners = [listener("a", try certificate("a")), listener("web", port: 80)]
        var certificates = GatewayCertificates()
        let first = certificates.read(listeners)
        #expect(first.isServed(443))
        #expect(!first.isServed(80))
        #expect(certificates.read(listeners) === first)
        #expect(certificates.problems.isEmpty)
    }

    @Test func onlyThePortWhoseCertificatesHaveChangedGetsANewContext() throws {
        let (a, b) = (try certificate("a"), try certificate("b"))
        var certificates = GatewayCertificates()
        let first = certificates.read([listener("a", a), listener("b", port: 8443, b)])
        let second = certificates.read([listener("a", try certificate("a")), listener("b", port: 8443, b)])
        #expect(second.context(443) !== first.context(443))
        #expect(second.context(8443) === first.context(8443))
        let third = certificates.read([listener("b", port: 8443, b)])
        #expect(!third.isServed(443))
        #expect(third.context(8443) === first.context(8443))
    }

    @Test func anotherHostnameIsAnotherContext() throws {
        let a = try certificate("a")
        var certificates = GatewayCertificates()
        let first = certificates.read([listener("a", hostname: "a", a)])
        #expect(certificates.read([listener("a", hostname: "b", a)]).context(443) !== first.context(443))
    }

    @Test func aCertificateThatCannotBeUsedIsReportedAndTheOthersServe() throws {
        var certificates = GatewayCertificates()
        let tls = certificates.read([
            listener("good", hostname: "good", try certificate("good")),
            listener("bad", hostname: "bad", try certificate("bad", keyOf: "other")),
        ])
        #expect(tls.context(443) != nil)
        #expect(certificates.problems.count == 2)
        let problem = try #require(certificates.problems.first)
        #expect(problem.severity == .error)
        #expect(problem.object == "Gateway shop/edge")
        #expect(problem.field == "spec.listeners[bad].tls.certificateRefs")
        #expect(problem.value == "shop/bad")
        #expect(problem.message.contains("key values mismatch"))
        #expect(certificates.problems.allSatisfy { !$0.message.contains("PRIVATE") })
    }

    @Test func anExpiredCertificateIsServedWithAWarning() throws {
        var certificates = GatewayCertificates()
        let tls = certificates.read([listener("old", try certificate("old", days: -1), try certificate("new"))])
        #expect(tls.context(443) != nil)
        #expect(certificates.problems.map(\.severity) == [.warning])
        #expect(certificates.problems.first?.value == "shop/old")
        let expiry = try #require(certificates.expiry)
        #expect(abs(expiry - (Int64(time(nil)) - 86_400)) < 100)
    }

    /// As the last good one does that has no successor.
    @Test func aCertificateThatExpiresWhileItIsServedIsReported() throws {
        let listeners = [listener("kept", try certificate("kept"))]
        var certificates = GatewayCertificates()
        let first = certificates.read(listeners)
        #expect(certificates.problems.isEmpty)
        let inTwoDays = Int64(time(nil)) + 2 * 86_400
        #expect(certificates.read(listeners, now: inTwoDays) === first)
        #expect(certificates.problems.map(\.message) == ["has expired; clients refuse it"])
        #expect(certificates.problems.first?.value == "shop/kept")
    }

    /// A Secret that is deleted and made anew, as by a re-issue, costs nobody anything.
    @Test func asLongAsTheListenerRefersToItALostSecretIsServedOn() throws {
        let key = ObjectKey(namespace: "shop", name: "edge")
        let planned = try certificate("tls")
        var resources = ResourceSet()
        resources.gateways[key] = Gateway(
            metadata: ObjectMeta(key: key), gatewayClassName: "weir",
            listeners: [
                Listener(
                    name: "a", port: 443, listenerProtocol: "HTTPS",
                    tls: ListenerTLS(certificateRefs: [CertificateReference(name: "tls")]))
            ])
        let secret = Secret(
            metadata: ObjectMeta(key: planned.secret), certificateChain: planned.chain, privateKey: planned.key)
        resources.insert(.secret(secret))
        let builder = SnapshotBuilder(scope: .gateway(key), names: MetricNames())
        let first = builder.build(resources, changed: []) { _ in [] }
        #expect(first.tls.context(443) != nil)
        resources.secrets = [:]
        let kept = builder.build(resources, changed: []) { _ in [] }
        #expect(kept.tls.context(443) === first.tls.context(443) && kept.routes.listenerPorts == [443])
        #expect(builder.certificateExpiry != nil)
        resources.gateways[key]?.listeners = []
        #expect(!builder.build(resources, changed: []) { _ in [] }.tls.isServed(443))
        #expect(builder.certificateExpiry == nil)
    }

    @Test func withoutHTTPSThereIsNothing() {
        var certificates = GatewayCertificates()
        #expect(certificates.read([listener("web", port: 80)]) === GatewayTLS.none)
        #expect(certificates.expiry == nil)
    }
}
