import GatewayAPI
import Testing

@testable import Routing

/// Certificates of HTTPS listeners: what is resolved, what is refused, and what is said of it.
@Suite struct ListenerTLSTests {
    private static let namespace = "infra"

    private func listener(
        _ name: String = "https", port: UInt16 = 443, hostname: String? = nil,
        protocol listenerProtocol: String = "HTTPS",
        refs references: [CertificateReference] = [CertificateReference(name: "good")],
        mode: ListenerTLS.Mode = .terminate
    ) -> Listener {
        Listener(
            name: name, port: port, listenerProtocol: listenerProtocol, hostname: hostname,
            tls: listenerProtocol == "HTTP" ? nil : ListenerTLS(mode: mode, certificateRefs: references))
    }

    private func plan(
        _ listeners: [Listener], secrets: [Secret] = [], grants: [ReferenceGrant] = [],
        validation: FrontendValidation = FrontendValidation(), facts: StatusFacts = StatusFacts()
    ) -> (plan: RoutePlan, status: GatewayStatus?) {
        let key = ObjectKey(namespace: Self.namespace, name: "edge")
        var resources = ResourceSet()
        resources.gateways[key] = Gateway(
            metadata: ObjectMeta(key: key, generation: 4), gatewayClassName: "weir", listeners: listeners,
            frontendValidation: validation)
        resources.insert(.secret(PlanFixture.certificate(ObjectKey(namespace: Self.namespace, name: "good"))))
        for secret in secrets { resources.insert(.secret(secret)) }
        for grant in grants { resources.insert(.referenceGrant(grant)) }
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster, facts: facts)
        return (plan, plan.statuses.gateways[key])
    }

    private func word(_ status: GatewayStatus?, _ listener: Int, _ type: String) -> String? {
        guard let status, status.listeners.indices.contains(listener) else { return nil }
        return Self.word(status.listeners[listener].conditions, type)
    }

    private static func word(_ conditions: [Condition], _ type: String) -> String? {
        conditions.first { $0.type == type }.map { "\($0.status)/\($0.reason)" }
    }

    @Test func certificatesComeInTheOrderOfTheReferences() {
        let other = PlanFixture.certificate(ObjectKey(namespace: Self.namespace, name: "other"), text: "MIIC")
        let (plan, status) = plan(
            [listener(refs: [CertificateReference(name: "other"), CertificateReference(name: "good")])],
            secrets: [other])
        let certificates = plan.listeners[0].tls?.certificates ?? []
        #expect(certificates.map(\.secret.name) == ["other", "good"])
        #expect(certificates.first?.chain == other.certificateChain && certificates.first?.key == other.privateKey)
        #expect(word(status, 0, "ResolvedRefs") == "true/ResolvedRefs")
        #expect(word(status, 0, "Programmed") == "true/Programmed")
        #expect(plan.wantedSecrets.map(\.name).sorted() == ["good", "other"])
        #expect(plan.problems.isEmpty)
    }

    @Test func oneBadReferenceLeavesTheOthersInUse() {
        let (plan, status) = plan([
            listener(refs: [CertificateReference(name: "none"), CertificateReference(name: "good")])
        ])
        #expect(plan.listeners[0].isUsable)
        #expect(plan.listeners[0].tls?.certificates.map(\.secret.name) == ["good"])
        #expect(word(status, 0, "Accepted") == "true/Accepted")
        #expect(word(status, 0, "ResolvedRefs") == "false/InvalidCertificateRef")
        #expect(word(status, 0, "Programmed") == "true/Programmed")
        // A Secret that is not there yet is wanted all the same.
        #expect(plan.wantedSecrets.contains(ObjectKey(namespace: Self.namespace, name: "none")))
    }

    @Test(
        "A reference that leads to no certificate",
        arguments: [
            (CertificateReference(name: "none"), "InvalidCertificateRef"),
            (CertificateReference(group: "x.io", name: "good"), "InvalidCertificateRef"),
            (CertificateReference(kind: "ConfigMap", name: "good"), "InvalidCertificateRef"),
            (CertificateReference(name: "bad"), "InvalidCertificateRef"),
            (CertificateReference(name: "good", defect: "name must be"), "InvalidCertificateRef"),
            (CertificateReference(namespace: "elsewhere", name: "good"), "RefNotPermitted"),
            (CertificateReference(namespace: "elsewhere", name: "none"), "RefNotPermitted"),
        ])
    func badReferences(_ reference: CertificateReference, _ reason: String) {
        var bad = PlanFixture.certificate(ObjectKey(namespace: Self.namespace, name: "bad"))
        bad.defect = "key and certificate do not match"
        let abroad = PlanFixture.certificate(ObjectKey(namespace: "elsewhere", name: "good"))
        let (plan, status) = plan(
            [listener(refs: [reference]), listener("http", port: 80, protocol: "HTTP")], secrets: [bad, abroad])
        #expect(word(status, 0, "Accepted") == "true/Accepted")
        #expect(word(status, 0, "ResolvedRefs") == "false/\(reason)")
        #expect(word(status, 0, "Programmed") == "false/Invalid")
        #expect(plan.listeners.map(\.isUsable) == [false, true])
        #expect(plan.listeners[0].tls == nil)
        // It hurts its own listener only.
        #expect(Self.word(status?.conditions ?? [], "Accepted") == "true/ListenersNotValid")
        #expect(Self.word(status?.conditions ?? [], "Programmed") == "true/Programmed")
        // A Secret nobody may refer to is not fetched either.
        #expect(plan.wantedSecrets.allSatisfy { $0.namespace == Self.namespace })
        #expect(RouteTable(plan: plan).listenerPorts == [80])
    }

    @Test(
        "Only a grant from Gateways of the namespace to that Secret permits",
        arguments: [
            ("Gateway", "infra", "Secret", "good", true), ("Gateway", "infra", "Secret", nil, true),
            ("HTTPRoute", "infra", "Secret", nil, false), ("Gateway", "other", "Secret", nil, false),
            ("Gateway", "infra", "Service", nil, false), ("Gateway", "infra", "Secret", "other", false),
        ] as [(String, String, String, String?, Bool)])
    func grants(_ from: String, _ namespace: String, _ kind: String, _ name: String?, _ isPermitted: Bool) {
        let grant = ReferenceGrant(
            metadata: ObjectMeta(key: ObjectKey(namespace: "elsewhere", name: "grant")),
            from: [.init(group: "gateway.networking.k8s.io", kind: from, namespace: namespace)],
            to: [.init(group: "", kind: kind, name: name)])
        let (plan, _) = plan(
            [listener(refs: [CertificateReference(namespace: "elsewhere", name: "good")])],
            secrets: [PlanFixture.certificate(ObjectKey(namespace: "elsewhere", name: "good"))], grants: [grant])
        #expect(plan.listeners[0].isUsable == isPermitted)
    }

    @Test func neitherPlanNorSecretNorProblemShowsTheKey() {
        let secret = PlanFixture.certificate(
            ObjectKey(namespace: Self.namespace, name: "private"), text: "VERYPRIVATETEXT")
        let (plan, status) = plan([listener(refs: [CertificateReference(name: "private")])], secrets: [secret])
        var dumped = ""
        dump(plan, to: &dumped)
        dump(secret, to: &dumped)
        let planned = plan.listeners[0].tls
        let bytes = "\(secret.privateKey.prefix(8).map { Int($0) })".dropFirst().dropLast()
        for text in [
            dumped, "\(secret)", String(reflecting: planned), "\(plan.problems)", "\(String(describing: status))",
        ] {
            #expect(!text.contains("VERYPRIVATE") && !text.contains(bytes))
        }
        #expect(planned?.certificates.first?.key == secret.privateKey)
    }

    @Test func httpAndHTTPSOnOnePortConflictWithoutWinner() {
        let (plan, status) = plan([
            listener("a"), listener("b", port: 443, hostname: "b.example", protocol: "HTTP"),
            listener("c", port: 80, protocol: "HTTP"),
        ])
        for position in [0, 1] {
            #expect(word(status, position, "Accepted") == "false/ProtocolConflict")
            #expect(word(status, position, "Conflicted") == "true/ProtocolConflict")
            #expect(word(status, position, "Programmed") == "false/Invalid")
        }
        #expect(word(status, 2, "Conflicted") == "false/NoConflicts")
        #expect(plan.listeners.map(\.isUsable) == [false, false, true])
    }

    @Test func samePortAndHostnameConflictWhateverTheCertificates() {
        let (_, status) = plan([
            listener("a", hostname: "a.example"), listener("b", hostname: "a.example"),
            listener("c", hostname: "c.example"),
        ])
        #expect(
            (0...2).map { word(status, $0, "Conflicted") } == [
                "true/HostnameConflict", "true/HostnameConflict", "false/NoConflicts",
            ])
    }

    @Test func protocolsThatAreNotServedDoNoHarmToThoseThatAre() {
        let (plan, status) = plan([
            listener("https"), listener("tls", protocol: "TLS", mode: .passthrough),
            Listener(name: "tcp", port: 443, listenerProtocol: "TCP"),
            Listener(name: "udp", port: 443, listenerProtocol: "UDP"),
        ])
        #expect(plan.listeners.map(\.isUsable) == [true, false, false, false])
        #expect((1...3).allSatisfy { word(status, $0, "Accepted") == "false/UnsupportedProtocol" })
        #expect((0...3).allSatisfy { word(status, $0, "Conflicted") == "false/NoConflicts" })
    }

    @Test func clientsThatShouldBeVerifiedAreNotServedUnverified() {
        let validation = FrontendValidation(byDefault: true, perPort: [8443: false])
        let (plan, status) = plan(
            [listener("https"), listener("open", port: 8443), listener("http", port: 80, protocol: "HTTP")],
            validation: validation)
        #expect(plan.listeners.map(\.isUsable) == [false, true, true])
        #expect(word(status, 0, "Accepted") == "false/UnsupportedValue")
    }

    @Test func overlappingHostnamesAreMarkedOnEveryMember() {
        let (_, status) = plan([
            listener("any"), listener("wild", hostname: "*.a.example"), listener("exact", hostname: "x.a.example"),
            listener("alone", port: 8443, hostname: "x.a.example"),
            listener("plain", port: 80, hostname: "x.a.example", protocol: "HTTP"),
        ])
        for position in 0...2 { #expect(word(status, position, "OverlappingTLSConfig") == "true/OverlappingHostnames") }
        for position in 3...4 { #expect(word(status, position, "OverlappingTLSConfig") == nil) }
    }

    @Test(
        "Certificates overlap where a wildcard of one stands for a name of the other, one label deep",
        arguments: [
            (["*.example.com"], ["a.example.com"], true), (["*.example.com"], ["a.b.example.com"], false),
            (["A.example.com"], ["a.example.com"], true), (["a.example.com"], ["b.example.com"], false),
            (["*.example.com"], ["*.example.com"], true), ([], ["a.example.com"], false),
        ] as [([String], [String], Bool)])
    func overlappingCertificates(_ first: [String], _ second: [String], _ overlap: Bool) {
        let secrets = [("one", first), ("two", second)].map { name, names in
            PlanFixture.certificate(
                ObjectKey(namespace: Self.namespace, name: name), text: name, dnsNames: names)
        }
        let (_, status) = plan(
            [
                listener("a", hostname: "a.one.example", refs: [CertificateReference(name: "one")]),
                listener("b", hostname: "b.two.example", refs: [CertificateReference(name: "two")]),
            ], secrets: secrets)
        let expected = overlap ? "true/OverlappingCertificates" : nil
        #expect([0, 1].allSatisfy { word(status, $0, "OverlappingTLSConfig") == expected })
    }
}
