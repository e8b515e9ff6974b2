import GatewayAPI
import Testing

@testable import Routing

/// A Secret that goes or breaks takes no listener with it, as long as the listener refers to it and may.
@Suite struct LastGoodCertificatesTests {
    private static let gateway = ObjectKey(namespace: "infra", name: "edge")
    private static let own = ObjectKey(namespace: "infra", name: "one")
    private static let abroad = ObjectKey(namespace: "vault", name: "two")

    /// A gateway of one listener that refers to the Secrets.
    private static func resources(_ references: ObjectKey...) -> ResourceSet {
        var resources = ResourceSet()
        let listener = Listener(
            name: "https", port: 443, listenerProtocol: "HTTPS",
            tls: ListenerTLS(
                certificateRefs: references.map { CertificateReference(namespace: $0.namespace, name: $0.name) }))
        resources.gateways[gateway] = Gateway(
            metadata: ObjectMeta(key: gateway), gatewayClassName: "weir", listeners: [listener])
        for key in references { resources.insert(.secret(good(key))) }
        let grant = ReferenceGrant(
            metadata: ObjectMeta(key: ObjectKey(namespace: "vault", name: "grant")),
            from: [.init(group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "infra")],
            to: [.init(group: "", kind: "Secret", name: nil)])
        resources.insert(.referenceGrant(grant))
        return resources
    }

    private static func good(_ key: ObjectKey, _ text: String = "GOOD") -> Secret {
        PlanFixture.certificate(key, text: key.name + text, dnsNames: [key.name])
    }

    private static func bad(_ key: ObjectKey) -> Secret {
        var secret = PlanFixture.certificate(key, text: "BAD")
        secret.defect = "the private key is not the certificate's"
        return secret
    }

    /// What a gateway does with one state of its resources after the other.
    private struct Past {
        var certificates = LastGoodCertificates()

        mutating func plan(_ resources: ResourceSet) -> RoutePlan {
            let scope = PlanScope.gateway(LastGoodCertificatesTests.gateway)
            let plan = RoutePlanner.plan(resources: resources, scope: scope, lastGood: certificates)
            certificates.note(plan.wantedSecrets, in: resources)
            return plan
        }
    }

    private func chains(_ plan: RoutePlan) -> [[UInt8]] {
        plan.listeners.flatMap { $0.tls?.certificates ?? [] }.map(\.chain)
    }

    @Test("What becomes of a Secret that was good", arguments: [nil, bad(own)])
    func aListenerGoesOnWithWhatItHad(_ now: Secret?) throws {
        var (past, resources) = (Past(), Self.resources(Self.own))
        let before = past.plan(resources)
        #expect(before.problems.isEmpty)
        resources.secrets[Self.own] = now
        // Not for one moment only.
        for _ in 0..<3 {
            let plan = past.plan(resources)
            #expect(plan.listeners.map(\.isUsable) == [true])
            #expect(plan.listeners.map(\.tls) == before.listeners.map(\.tls))
            #expect(plan.wantedSecrets == [Self.own])
            let problem = try #require(plan.problems.first)
            #expect(plan.problems.count == 1 && problem.severity == .error)
            #expect(problem.field == "spec.listeners[0].tls.certificateRefs[0]")
            #expect(problem.message.hasPrefix("InvalidCertificateRef: Secret infra/one "))
            #expect(problem.message.hasSuffix("; the listener goes on serving with the certificate that it had"))
            let conditions = try #require(plan.statuses.gateways[Self.gateway]?.listeners.first?.conditions)
            #expect(conditions.contains { $0.type == "ResolvedRefs" && $0.reason == "InvalidCertificateRef" })
        }
        resources.insert(.secret(Self.good(Self.own, "NEW")))
        let mended = past.plan(resources)
        #expect(chains(mended) == [Self.good(Self.own, "NEW").certificateChain] && mended.problems.isEmpty)
    }

    @Test func theLastGoodStateIsTheNewestThatWasGood() {
        var (past, resources) = (Past(), Self.resources(Self.own))
        _ = past.plan(resources)
        resources.insert(.secret(Self.good(Self.own, "NEW")))
        _ = past.plan(resources)
        resources.insert(.secret(Self.bad(Self.own)))
        #expect(chains(past.plan(resources)) == [Self.good(Self.own, "NEW").certificateChain])
    }

    @Test func everyReferenceHasItsOwn() {
        var (past, resources) = (Past(), Self.resources(Self.own, Self.abroad))
        let before = chains(past.plan(resources))
        #expect(before.count == 2)
        resources.secrets[Self.abroad] = nil
        #expect(chains(past.plan(resources)) == before)
        resources.insert(.secret(Self.good(Self.abroad, "NEW")))
        resources.insert(.secret(Self.bad(Self.own)))
        #expect(chains(past.plan(resources)) == [before[0], Self.good(Self.abroad, "NEW").certificateChain])
        resources.secrets = [:]
        #expect(chains(past.plan(resources)) == [before[0], Self.good(Self.abroad, "NEW").certificateChain])
    }

    @Test func whatHasNeverBeenGoodIsNotServed() {
        var (past, resources) = (Past(), Self.resources(Self.own))
        resources.insert(.secret(Self.bad(Self.own)))
        _ = past.plan(resources)
        resources.secrets[Self.own] = nil
        let plan = past.plan(resources)
        #expect(plan.listeners.map(\.isUsable) == [false])
        #expect(plan.problems.allSatisfy { !$0.message.contains("goes on") })
    }

    /// Nor is it taken up again when it is allowed again: what was forbidden meanwhile may have been so for a reason.
    @Test func whatIsNotAllowedAnyMoreIsForgotten() {
        var (past, resources) = (Past(), Self.resources(Self.abroad))
        #expect(chains(past.plan(resources)).count == 1)
        let grants = resources.referenceGrants
        resources.referenceGrants = [:]
        resources.secrets[Self.abroad] = nil
        let forbidden = past.plan(resources)
        #expect(forbidden.listeners.map(\.isUsable) == [false])
        #expect(forbidden.problems.contains { $0.message.hasPrefix("RefNotPermitted") })
        #expect(past.certificates[Self.abroad] == nil)
        resources.referenceGrants = grants
        #expect(past.plan(resources).listeners.map(\.isUsable) == [false])
    }

    @Test func whatNoListenerRefersToAnyMoreIsForgotten() {
        let other = ObjectKey(namespace: "infra", name: "other")
        var (past, resources) = (Past(), Self.resources(Self.own))
        _ = past.plan(resources)
        #expect(past.certificates[Self.own] != nil)
        // It refers to another Secret, which is not there.
        resources.gateways = Self.resources(other).gateways
        #expect(past.plan(resources).listeners.map(\.isUsable) == [false])
        #expect(past.certificates[Self.own] == nil)
        resources.gateways = [:]
        _ = past.plan(Self.resources(Self.own))
        _ = past.plan(resources)
        #expect(past.certificates[Self.own] == nil)
    }

    /// The whole cluster is looked at by who serves nothing: what its gateways have is not known there.
    @Test func withoutAPastTheProblemSaysWhatGatewaysDo() throws {
        var resources = Self.resources(Self.own)
        resources.secrets = [:]
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster)
        #expect(plan.listeners.map(\.isUsable) == [false])
        let messages = plan.problems.map(\.message)
        #expect(messages.contains { $0.contains("a gateway goes on serving with the certificate that it had") })
        #expect(messages.contains { $0.hasSuffix("except where a gateway still has its certificate") })
        resources = Self.resources(Self.abroad)
        resources.referenceGrants = [:]
        let forbidden = RoutePlanner.plan(resources: resources, scope: .cluster)
        #expect(forbidden.problems.allSatisfy { !$0.message.contains("had") && !$0.message.contains("still") })
    }

    @Test func noKeyIsShown() {
        var past = Past()
        _ = past.plan(Self.resources(Self.own))
        var dumped = ""
        dump(past.certificates, to: &dumped)
        #expect(dumped.contains("not shown") && !dumped.contains("GOOD"))
    }
}
