import GatewayAPI
import Kubernetes
import Testing

@testable import Explain

/// What a Gateway says of paths is explained as it is served.
@Suite struct ExplainPathRulesTests {
    private static func explain(_ text: String, _ method: String, _ url: String) throws -> Explanation {
        var resources = ResourceSet()
        for object in try ManifestParser.parse(Array(text.utf8), file: "input.yaml").objects {
            if let resource = object.resource { resources.insert(resource) }
        }
        let edge = ExplainedFrontend.gateway(ObjectKey(namespace: "infra", name: "edge"))
        return Explainer.explain(try ExplainedRequest(method: method, url: url, headers: []), at: edge, in: resources)
    }

    @Test func theGatewaysRulesForPathsApply() throws {
        let resources = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata:
              name: edge
              namespace: infra
              annotations: {weir.dev/path-parameters: strip, weir.dev/encoded-slashes: refuse}
            spec: {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: infra}
            spec:
              parentRefs: [{name: edge}]
              rules:
              - matches: [{path: {type: Exact, value: /app/x}}]
                filters: [{type: RequestRedirect, requestRedirect: {hostname: x.example.com, statusCode: 301}}]
            """
        let stripped = try Self.explain(resources, "GET", "http://shop.example.com/app;v=1/x;y")
        #expect(stripped.outcome == .redirected(status: 301, location: "http://x.example.com/app/x"))
        let refused = try Self.explain(resources, "GET", "http://shop.example.com/app%2fx")
        guard case .answered(400, let reason) = refused.outcome else {
            Issue.record("\(refused.outcome)")
            return
        }
        #expect(reason.contains("weir.dev/encoded-slashes"))
    }
}
