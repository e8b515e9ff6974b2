import Explain
import GatewayAPI
import Kubernetes
import Testing

/// Requests over TLS.
@Suite struct ExplainTLSTests {
    private static let secure = ExplainedFrontend.gateway(ObjectKey(namespace: "infra", name: "secure"))

    private static let manifests = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: secure, namespace: infra}
        spec:
          gatewayClassName: weir
          listeners:
          - {name: plain, port: 80, protocol: HTTP}
          - {name: shop, port: 443, protocol: HTTPS, hostname: shop.example.com, tls: {certificateRefs: [{name: c}]}}
          - {name: wild, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: c}]}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: moved, namespace: infra}
        spec:
          parentRefs: [{name: secure}]
          rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: new.example.com}}]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: unsaid, namespace: payments}
        spec: {clusterIP: 10.96.0.9, ports: [{port: 8000}]}
        """

    private static func explain(
        _ url: String, at frontend: ExplainedFrontend = secure, host: String? = nil
    ) throws -> Explanation {
        var state = try World.load(manifests)
        // Nobody looks into it here.
        let key = ObjectKey(namespace: "infra", name: "c")
        state.resources.insert(
            .secret(Secret(metadata: ObjectMeta(key: key), certificateChain: [1], privateKey: [1])))
        let request = try ExplainedRequest(method: "GET", url: url, headers: host.map { ["Host: \($0)"] } ?? [])
        return Explainer.explain(request, at: frontend, in: state.resources, problems: state.problems)
    }

    @Test func theHandshakesNameChoosesTheListener() throws {
        let found = try Self.explain("https://shop.example.com/a")
        #expect(found.outcome == .redirected(status: 302, location: "https://new.example.com/a"), "\(found.text)")
        #expect(found.request == "GET https://shop.example.com/a")
        #expect((found.frontend?.listener, found.frontend?.port) == ("shop", 443))
        #expect(found.reasons.first == "the TLS handshake asks for shop.example.com (SNI), which chooses listener shop")
        #expect(try Self.explain("https://other.example.com:443/").frontend?.listener == "wild")
    }

    @Test func aHandshakeThatNoListenerTakesIsRefused() throws {
        for url in ["https://shop.test/", "https://10.0.0.1/", "https://[::1]/"] {
            let found = try Self.explain(url)
            guard case .refused = found.outcome else { throw Unexpected(found.text) }
            #expect(found.reasons.first?.contains("shop (shop.example.com), wild (*.example.com)") == true)
            #expect(found.json.text().contains("\"outcome\": \"refused\""))
        }
    }

    @Test func aHostOfAnotherListenerIsMisdirected() throws {
        let found = try Self.explain("https://a.example.com/", host: "shop.example.com")
        #expect(found.outcome == .answered(status: 421, reason: "this connection does not serve that host"))
        let unknown = try Self.explain("https://a.example.com/", host: "shop.test")
        #expect(unknown.outcome == .answered(status: 404, reason: "no listener on port 443 takes this host"))
    }

    @Test func aPortSpeaksWithTLSOrWithout() throws {
        #expect(
            try Self.explain("http://shop.example.com:443/").outcome
                == .answered(status: 400, reason: "this port speaks HTTPS"))
        #expect(
            try Self.explain("https://shop.example.com:80/").outcome == .refused("port 80 speaks HTTP without TLS"))
        #expect(!(try Self.explain("https://shop.example.com:444/").hasFrontend))
    }

    @Test func aSidecarPassesTheApplicationsTLSUnlessThePortSaysHTTP() throws {
        let unsaid = try Self.explain("https://unsaid.payments/", at: World.service("unsaid", 8000))
        #expect(unsaid.outcome == .passedAsBytes)
        #expect(unsaid.reasons.last?.contains("no route applies") == true)
        #expect(try Self.explain("https://db.payments/", at: World.service("db", 5432)).outcome == .passedAsBytes)
        #expect(
            try Self.explain("https://charge.payments/", at: World.service("charge", 8080)).outcome
                == .refused("port 8080 declares HTTP, and is read as HTTP without TLS"))
    }

    private struct Unexpected: Error {
        var text: String
        init(_ text: String) { self.text = text }
    }
}
