import Foundation
import GatewayAPI
import Routing
import Testing

/// The manifests of the Gateway API conformance suite.
@Suite struct PlanConformanceTests {
    static let data = ConformanceData.folder

    static func files(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: data.appending(path: folder).path)) ?? [])
            .sorted().map { "\(folder)/\($0)" }
    }

    static func plan(_ file: String) throws -> RoutePlan {
        let base = file.hasPrefix("tests-mesh") ? "mesh/manifests.yaml" : "base/manifests.yaml"
        let texts = try [base, file].map { name in
            try String(contentsOf: data.appending(path: name), encoding: .utf8)
                .replacingOccurrences(of: "{GATEWAY_CLASS_NAME}", with: "weir")
        }
        return RoutePlanner.plan(resources: try PlanFixture.resources(texts[0], texts[1]), scope: .cluster)
    }

    @Test(arguments: files("tests") + files("tests-mesh")) func everyManifestYieldsPlanAndStatus(_ file: String) throws
    {
        let plan = try Self.plan(file)
        #expect(!plan.listeners.isEmpty || !plan.services.isEmpty)
        PlanInvariants.check(plan)
    }

    struct Expectation: Sendable, CustomTestStringConvertible {
        var file: String
        var route: String
        var type: String
        var reason: String
        var testDescription: String { "\(file) \(type)=\(reason)" }

        init(_ file: String, _ route: String, _ type: String, _ reason: String) {
            (self.file, self.route, self.type, self.reason) = (file, route, type, reason)
        }
    }

    private static let infra = "gateway-conformance-infra"

    static let expectations = [
        Expectation(
            "httproute-simple-same-namespace", "\(infra)/gateway-conformance-infra-test", "Accepted", "Accepted"),
        Expectation(
            "httproute-invalid-backendref-unknown-kind", "\(infra)/invalid-backend-ref-unknown-kind", "ResolvedRefs",
            "InvalidKind"),
        Expectation(
            "httproute-invalid-nonexistent-backendref", "\(infra)/invalid-nonexistent-backend-ref", "ResolvedRefs",
            "BackendNotFound"),
        Expectation(
            "httproute-invalid-cross-namespace-backend-ref", "\(infra)/invalid-cross-namespace-backend-ref",
            "ResolvedRefs", "RefNotPermitted"),
        Expectation(
            "httproute-invalid-cross-namespace-parent-ref",
            "gateway-conformance-web-backend/invalid-cross-namespace-parent-ref", "Accepted", "NotAllowedByListeners"),
        Expectation(
            "httproute-invalid-parentref-not-matching-section-name",
            "\(infra)/httproute-listener-not-matching-section-name", "Accepted", "NoMatchingParent"),
        Expectation(
            "httproute-invalid-parentref-not-matching-listener-port",
            "\(infra)/httproute-listener-not-matching-route-port", "Accepted", "NoMatchingParent"),
        Expectation("httproute-invalid-reference-grant", "\(infra)/reference-grant", "ResolvedRefs", "RefNotPermitted"),
        Expectation("httproute-reference-grant", "\(infra)/reference-grant", "ResolvedRefs", "ResolvedRefs"),
        Expectation(
            "httproute-partially-invalid-via-invalid-reference-grant", "\(infra)/invalid-reference-grant",
            "ResolvedRefs", "RefNotPermitted"),
        Expectation(
            "httproute-cross-namespace", "gateway-conformance-web-backend/cross-namespace", "Accepted", "Accepted"),
        Expectation(
            "httproute-hostname-intersection", "\(infra)/no-intersecting-hosts", "Accepted",
            "NoMatchingListenerHostname"),
        Expectation(
            "httproute-hostname-intersection", "\(infra)/specific-host-matches-listener-specific-host", "Accepted",
            "Accepted"),
        Expectation(
            "httproute-backend-protocol-h2c", "\(infra)/backend-protocol-h2c", "ResolvedRefs", "UnsupportedProtocol"),
        Expectation(
            "httproute-backend-protocol-websocket", "\(infra)/backend-protocol-ws", "ResolvedRefs", "ResolvedRefs"),
        Expectation("httproute-request-mirror", "\(infra)/request-mirror", "Accepted", "UnsupportedValue"),
    ]

    @Test(arguments: expectations) func conditionsAreThoseOfTheStandard(_ expected: Expectation) throws {
        let plan = try Self.plan("tests/\(expected.file).yaml")
        let key = try #require(ObjectKey(expected.route))
        let parents = try #require(plan.statuses.httpRoutes[key])
        for parent in parents {
            let condition = try #require(parent.conditions.first { $0.type == expected.type })
            #expect(condition.reason == expected.reason, "\(condition.message)")
            #expect(condition.status == (expected.reason == expected.type))
        }
    }

    @Test func invalidRouteKindsLeaveTheValidOnes() throws {
        let plan = try Self.plan("tests/gateway-invalid-route-kind.yaml")
        let some = try #require(
            plan.statuses.gateways[ObjectKey(namespace: Self.infra, name: "gateway-supported-and-invalid-route-kind")])
        let listener = try #require(some.listeners.first)
        #expect(listener.supportedKinds.map(\.kind) == ["HTTPRoute"])
        #expect(
            listener.conditions.contains { $0.type == "ResolvedRefs" && !$0.status && $0.reason == "InvalidRouteKinds" }
        )
    }

    @Test func isolatedListenersKeepTheirOwnRoutes() throws {
        let plan = try Self.plan("tests/gateway-http-listener-isolation.yaml")
        let listeners = plan.listeners.filter { $0.gateway.name == "http-listener-isolation" }
        #expect(listeners.count == 4)
        #expect(
            listeners.allSatisfy { $0.isUsable && Set($0.matches.map { plan.rules[$0.rule].origin.chain }).count == 1 })
    }

    @Test func consumerRoutesActForTheirNamespaceAlone() throws {
        let texts = try ["mesh/manifests.yaml", "tests-mesh/mesh-consumer-route.yaml"].map {
            try String(contentsOf: Self.data.appending(path: $0), encoding: .utf8)
        }
        let resources = try PlanFixture.resources(texts[0], texts[1])
        func routed(_ namespace: String) -> Bool {
            let pod = ObjectKey(namespace: namespace, name: "client")
            return RoutePlanner.plan(resources: resources, scope: .sidecar(pod: pod, addresses: [])).services.contains(
                where: \.isRouted)
        }
        #expect(routed("gateway-conformance-mesh-consumer"))
        #expect(!routed("gateway-conformance-mesh"))
    }
}

enum ConformanceData {
    static let folder = PlanFixture.root.appending(path: "Tests/Fixtures/conformance")
}
