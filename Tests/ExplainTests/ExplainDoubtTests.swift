import Explain
import GatewayAPI
import Testing

@testable import Kubernetes

/// Of what kinds more would have to be known before an answer is certain.
@Suite struct ExplainDoubtTests {
    /// The answer, for somebody who may not list one kind.
    private static func answer(
        without kind: ResourceKind, _ frontend: ExplainedFrontend, _ url: String
    ) throws -> Explanation {
        var state = try World.load()
        switch kind {
        case .gateway: state.resources.gateways = [:]
        case .service: state.resources.services = ResourceSet().services
        case .endpointSlice: state.resources.endpointSlices = [:]
        case .httpRoute: state.resources.httpRoutes = [:]
        default: break
        }
        state.unread = [UnreadResources(kind: kind)]
        let request = try ExplainedRequest(method: "GET", url: url, headers: [])
        var found = Explainer.explain(request, at: frontend, in: state.resources, problems: state.problems)
        found.doubt = state.doubt(found.dependsOn)
        return found
    }

    @Test(arguments: [
        (
            ResourceKind.gateway, World.edge, "http://shop.example.com/",
            "no frontend: Gateway infra/edge does not exist"
        ),
        (.service, World.service("charge", 8080), "/", "no frontend: Service payments/charge does not exist"),
        (.httpRoute, World.edge, "http://shop.example.com/", "404 by Weir: no route matches this request"),
        (.httpRoute, World.service("charge", 8080), "/", "forwarded"),
        (
            .service, World.edge, "http://shop.example.com/payments/broken",
            "500 by Weir: Service payments/missing does not exist"
        ),
        (
            .endpointSlice, World.edge, "http://shop.example.com/payments/idle",
            "503 by Weir: no ready endpoint: no EndpointSlice belongs to Service payments/idle"
        ),
    ])
    func whatWasNotReadIsNamedBehindTheAnswer(
        _ kind: ResourceKind, _ frontend: ExplainedFrontend, _ url: String, _ answer: String
    ) throws {
        let found = try Self.answer(without: kind, frontend, url)
        #expect(
            found.text.contains("\nAnswer     \(answer); not certain, \(kind.rawValue)s were not looked at\n"),
            "\(found.text)")
        #expect(found.json.text().contains("\"certain\": false"))
    }

    @Test func whatPlaysNoPartIsNoDoubt() throws {
        let absent = ExplainedFrontend.gateway(ObjectKey(namespace: "infra", name: "absent"))
        #expect(try Self.answer(without: .backend, absent, "http://shop.example.com/").doubt.isEmpty)
        let refused = try Self.answer(without: .httpRoute, World.edge, "http://shop.example.com/a/../../b")
        #expect(refused.doubt.isEmpty, "no route is looked at")
        #expect(refused.json.text().contains("\"certain\": true"))
    }
}
