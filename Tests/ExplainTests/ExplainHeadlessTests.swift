import GatewayAPI
import Kubernetes
import Routing
import Testing

@testable import Explain

/// A Service without ClusterIP has no frontend; its pods decide, and may be guarded all the same.
@Suite struct ExplainHeadlessTests {
    private static let headless = """
        {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
         spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}}
        """
    private static let web = """
        {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},
         spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80}]}}
        """

    private static func route(to service: String) -> String {
        """
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop},
         spec: {parentRefs: [{group: "", kind: Service, name: \(service)}], rules: [{backendRefs: [{name: web, port: 80}]}]}}
        """
    }

    private static func slice(_ service: String, _ address: String) -> String {
        """
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
         metadata: {name: \(service)-1, namespace: shop, labels: {kubernetes.io/service-name: \(service)}},
         addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [{addresses: [\(address)]}]}
        """
    }

    private func explain(_ objects: String...) throws -> Explanation {
        var resources = ResourceSet()
        for object in try ManifestParser.parse(Array(objects.joined(separator: "\n---\n").utf8), file: "a.yaml").objects
        {
            if let resource = object.resource { resources.insert(resource) }
        }
        let frontend = ExplainedFrontend.service(ObjectKey(namespace: "shop", name: "db"), port: 80, from: nil)
        return Explainer.explain(
            try ExplainedRequest(method: "GET", url: "/", headers: []), at: frontend, in: resources)
    }

    private func reason(_ objects: String...) throws -> String {
        var resources = ""
        for object in objects { resources += object + "\n---\n" }
        guard case .noFrontend(let reason) = try explain(resources).outcome else { return "" }
        return reason
    }

    /// As its pods answer: a route that cannot be in force closes them (and the callers have nothing but the pods).
    @Test func oneThatARouteNamesIsClosed() throws {
        let explanation = try explain(Self.headless, Self.web, Self.route(to: "db"))
        guard case .answered(500, let reason) = explanation.outcome else {
            Issue.record("\(explanation.outcome)")
            return
        }
        #expect(reason.contains("Service shop/db"))
        #expect(explanation.text.contains("HTTPRoute shop/r, which is to guard it"))
        #expect(!explanation.text.contains("as they are"))
    }

    @Test func theAnnotationOpensIt() throws {
        let open = Self.headless.replacing(
            "namespace: shop}", with: "namespace: shop, annotations: {weir.dev/route-enforcement: 'off'}}")
        #expect(try reason(open, Self.route(to: "db")).contains("no routes apply there"))
    }

    @Test func theRoutesOfAServiceOfTheSamePodsApply() throws {
        #expect(try reason(Self.headless, Self.web, Self.route(to: "web")).contains("routes of Service shop/web apply"))
        let other = Self.web.replacing("selector: {app: web}", with: "selector: {app: other}")
        let routed = [Self.headless, other, Self.route(to: "web")]
        #expect(try reason(routed.joined(separator: "\n---\n")).contains("no routes apply there"))
        let slices = [Self.slice("db", "10.0.0.1"), Self.slice("web", "10.0.0.1")]
        #expect(
            try reason((routed + slices).joined(separator: "\n---\n")).contains("routes of Service shop/web apply"))
    }

    @Test func withoutRoutesConnectionsPass() throws {
        #expect(try reason(Self.headless, Self.web).contains("no routes apply there"))
    }
}
