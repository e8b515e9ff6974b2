import APIServer
import GatewayAPI
import Testing

@testable import Kubernetes

/// Commands whose caller may not read everything.
@Suite struct ClusterRightsTests {
    private static let patience = UInt64(LoopTest.patience * 1e9)

    private let server: APIServer
    private let client: APIClient
    private let test: LoopTest

    init() throws {
        server = try APIServer()
        test = try LoopTest()
        client = try test.client(server)
    }

    private func forbid(_ part: String) {
        _ = server.inject(.failure(403, reason: "Forbidden", on: part, count: nil))
    }

    private func load(_ secrets: Set<ObjectKey> = []) throws -> SourceState {
        try ClusterSource.load(client.configuration, userAgent: "weir/test", timeout: Self.patience) { _ in secrets }
    }

    @Test func secretsThatMayNotBeReadAreSaidAndNotMissing() throws {
        defer { server.stop() }
        forbid("/namespaces/infra/secrets")
        let keys = ["b", "a"].map { ObjectKey(namespace: "infra", name: $0) }
        let absent = ObjectKey(namespace: "ana", name: "absent")
        let state = try load(Set(keys + [absent]))
        #expect(
            state.problems.map(\.oneLine) == [
                """
                Secrets of namespace infra: a, b: not looked at: no right to read them (kubectl auth can-i list secrets -n infra); \
                whether the certificates in them are good is not known
                """
            ])
        #expect(state.problems.allSatisfy { $0.severity == .warning })
        for key in keys { #expect(state.resources.secrets[key]?.defect == nil && state.resources.secrets[key] != nil) }
        #expect(state.resources.secrets[absent] == nil, "what could be read and is not there is missing")
    }

    @Test func aKindThatMayNotBeListedIsSaidAndTheRestIsRead() throws {
        defer { server.stop() }
        try server.put(ClusterObjects.service("a"))
        for part in ["/referencegrants", "/namespaces?", "/endpointslices"] { forbid(part) }
        let state = try load()
        #expect(state.resources.services.count == 1)
        #expect(Set(state.unread.map(\.kind)) == [.referenceGrant, .namespace, .endpointSlice])
        #expect(state.problems.count == 3 && state.problems.allSatisfy { $0.severity == .warning })
        #expect(
            state.problems.contains {
                $0.oneLine.hasPrefix(
                    """
                    ReferenceGrants of the cluster: not looked at: no right to read them \
                    (kubectl auth can-i list referencegrants.gateway.networking.k8s.io -A);
                    """)
            })
        #expect(state.problems.contains { $0.message.contains("(kubectl auth can-i list namespaces)") })
    }

    /// A role that was written before the kind was read.
    @Test(
        arguments: [ClusterScope.sidecar(pod: ObjectKey(namespace: "ana", name: "p")), .cluster(endpoints: false)],
        ["backendtlspolicies", "grpcroutes", "tcproutes"])
    func aProxyServesWithoutTheRightToReadAKindThatIsNotServedAndSaysSo(_ scope: ClusterScope, _ kind: String) throws {
        defer { server.stop() }
        try server.put(ClusterObjects.pod("p", labels: ["app": "a"]))
        forbid("/\(kind)")
        let source = ClusterSource(transport: client, name: server.url, scope: scope)
        source.start(on: test.loop) { _ in }
        #expect(test.run(until: { source.isKnown }))
        #expect(source.problems.contains { $0.message.contains(kind) })
    }

    @Test func withoutAnyRightThereIsNothingToCheck() throws {
        defer { server.stop() }
        forbid("/api")
        #expect(refusal().contains("is forbidden"))
    }

    @Test func withoutGoodCredentialsThereIsNothingToCheck() throws {
        defer { server.stop() }
        server.setTokens([:])
        #expect(refusal().contains("401"))
    }

    @Test func withoutAServerThereIsNothingToCheck() throws {
        defer { server.stop() }
        try server.goDown()
        #expect(refusal().contains("refused"))
    }

    /// Why nothing can be read, without waiting for the time to run out.
    private func refusal() -> String {
        do throws(ConfigurationError) {
            _ = try ClusterSource.load(client.configuration, userAgent: "weir/test", timeout: 10 * Self.patience)
            return ""
        } catch {
            return "\(error)"
        }
    }
}
