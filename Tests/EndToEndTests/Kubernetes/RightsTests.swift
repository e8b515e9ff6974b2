import APIServer
import Foundation
import Testing

/// Commands of somebody who may not read everything.
@Suite struct RightsTests {
    private let api: APIServer
    private let folder: TestFolder

    init() throws {
        api = try APIServer()
        folder = try TestFolder()
        try folder.write("kubeconfig", api.kubeconfig())
    }

    private func forbid(_ parts: String...) {
        for part in parts { _ = api.inject(.failure(403, reason: "Forbidden", on: part, count: nil)) }
    }

    private func weir(_ words: String...) throws -> (code: Int, output: String, errors: String) {
        try run([WeirBinary.path()] + words + ["--kubeconfig", folder.path + "/kubeconfig"])
    }

    private func serve() throws {
        let listeners =
            "[\(GatewayManifests.http), \(GatewayManifests.https(certificate: "{name: edge-certificate}"))]"
        try api.put(
            yaml: GatewayManifests.gatewayClass()
                + GatewayManifests.gateway("edge", in: "infra", listeners: listeners) + """
                    ---
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: web, namespace: infra}
                    spec:
                      parentRefs: [{name: edge}]
                      rules:
                        - backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: partner}]
                    """)
    }

    @Test func whatMayNotBeReadFailsNoCheck() throws {
        defer { api.stop() }
        try serve()
        forbid("/secrets", "/backends")
        let outcome = try weir("check")
        #expect(outcome.code == 0, "\(outcome.output) \(outcome.errors)")
        for fragment in [
            """
            warning: Secrets of namespace infra: edge-certificate: not looked at: no right to read them (kubectl auth can-i list \
            secrets -n infra)
            """,
            """
            warning: Backends of the cluster: not looked at: no right to read them (kubectl auth can-i list \
            backends.gateway.kgateway.dev -A)
            """,
            "Backend infra/partner does not exist", "; not certain, Backends were not looked at [", "\n0 errors, ",
        ] {
            #expect(outcome.output.contains(fragment), "\(fragment): \(outcome.output)")
        }
        #expect(!outcome.output.contains("Secret infra/edge-certificate does not exist"))
        let explained = try weir("explain", "--gateway", "infra/edge", "GET", "/")
        #expect(explained.code == 0, "\(explained.errors)")
        #expect(explained.errors.contains("warning: Backends of the cluster: not looked at"), "\(explained.errors)")
    }

    @Test func aFrontendThatMayNotBeReadIsNotCalledMissingForCertain() throws {
        defer { api.stop() }
        try serve()
        forbid("/gateways")
        let explained = try weir("explain", "--gateway", "infra/edge", "GET", "http://shop.example/")
        #expect(explained.code == 1)
        #expect(
            explained.output.contains(
                "no frontend: Gateway infra/edge does not exist; not certain, Gateways were not looked at\n"),
            "\(explained.output)")
    }

    @Test func whatMayBeReadAndIsMissingStaysAnError() throws {
        defer { api.stop() }
        try serve()
        forbid("/referencegrants")
        let outcome = try weir("check")
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("Secret infra/edge-certificate does not exist"), "\(outcome.output)")
    }

    @Test func aRouteThatNoNamespaceCouldBringInStaysAnError() throws {
        defer { api.stop() }
        try api.put(
            yaml: """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: edge, namespace: infra}
                spec:
                  gatewayClassName: weir
                  listeners:
                    - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Same}}}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: web, namespace: shop}
                spec:
                  parentRefs: [{name: edge, namespace: infra}]
                  rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: shop.example}}]}]
                """)
        forbid("/namespaces?")
        let outcome = try weir("check")
        #expect(outcome.code == 1, "\(outcome.output) \(outcome.errors)")
        #expect(
            outcome.output.contains("error: HTTPRoute shop/web: spec.parentRefs[0]: edge: NotAllowedByListeners"),
            "\(outcome.output)")
        #expect(!outcome.output.contains("not certain"))
    }

    @Test func statusOfAllNamespacesNamesTheWayOut() throws {
        defer { api.stop() }
        forbid("/pods")
        let all = try weir("status")
        #expect(all.code == 1)
        #expect(all.errors.contains("no right to list the pods of all namespaces"), "\(all.errors)")
        #expect(all.errors.contains("--namespace"))
        let one = try weir("status", "-n", "ana")
        #expect(one.code == 1)
        #expect(one.errors.contains("kubectl auth can-i list pods -n ana"), "\(one.errors)")
    }
}
