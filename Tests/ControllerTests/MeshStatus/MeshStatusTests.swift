import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

@Suite struct MeshStatusTests {
    private static let injected = """
        metadata: {name: catalog-1, namespace: ana}
        spec: {initContainers: [{name: weir-redirect}, {name: weir-proxy}], containers: [{name: app}]}
        status:
          phase: Running
          initContainerStatuses: [{name: weir-redirect, state: {terminated: {exitCode: 0}}}]
        """
    private static let gateway = """
        metadata: {name: web-weir-1, namespace: ana, labels: {gateway.networking.k8s.io/gateway-name: web}}
        spec: {containers: [{name: weir-proxy}]}
        status: {phase: Running}
        """

    @Test(arguments: [
        ("terminated: {exitCode: 0}", ProxyPod.Redirect.installed), ("terminated: {exitCode: 1}", .failed),
        ("running: {}", .waiting),
    ])
    func theRedirectContainerTellsOfTheRules(_ state: String, _ expected: ProxyPod.Redirect) throws {
        let text = Self.injected.replacing("terminated: {exitCode: 0}", with: state)
        #expect(ProxyPod(try Gateways.node(text))?.redirect == expected)
    }

    @Test func podsWithoutAProxyAreNone() throws {
        #expect(
            ProxyPod(try Gateways.node("{metadata: {name: a, namespace: b}, spec: {containers: [{name: app}]}}")) == nil
        )
        let bare = try Gateways.node("{metadata: {name: a, namespace: b}, spec: {containers: [{name: weir-proxy}]}}")
        #expect(ProxyPod(bare)?.redirect == ProxyPod.Redirect.none)
        #expect(ProxyPod(try Gateways.node(Self.gateway))?.role == .gateway)
    }

    @Test func theTableSaysWhatMatters() throws {
        let report = try #require(
            ProxyReport(
                try Gateways.node(
                    "{version: 0.1.0, ready: true, snapshot: {version: 7, ageSeconds: 200}, source: {healthy: true, problems: 2}}"
                )))
        let status = MeshStatus(entries: [
            .init(
                pod: try #require(ProxyPod(try Gateways.node(Self.gateway))),
                silence: "port 15020 does not answer (503)"),
            .init(pod: try #require(ProxyPod(try Gateways.node(Self.injected))), report: report),
        ])
        #expect(
            status.text == """
                NAMESPACE  POD         ROLE     VERSION  READY  SNAPSHOT  AGE  REDIRECT   NOTES
                ana        catalog-1   sidecar  0.1.0    yes    7         3m   installed  2 problems
                ana        web-weir-1  gateway  -        -      -         -    -          port 15020 does not answer (503)

                """)
        #expect(status.json.text().contains("\"snapshotAgeSeconds\": 200"))
        #expect(MeshStatus(entries: []).text == "no pod runs a Weir proxy\n")
    }

    @Test func proxiesAreAskedThroughTheAPIServer() throws {
        let loop = try EventLoop()
        let api = FakeAPI(loop: loop)
        let pods = try [Self.injected, Self.gateway].map { try Gateways.node($0) }
        api.fault = { request in
            switch request.path {
            case "/api/v1/pods" where !request.query.contains { $0.name == "continue" }:
                let page: Node = .mapping(["metadata": .mapping(["continue": "x"]), "items": [pods[0]]])
                return .success(APIResponse(status: 200, body: page.json))
            case "/api/v1/pods":
                return .success(APIResponse(status: 200, body: Node.mapping(["items": [pods[1]]]).json))
            case "/api/v1/namespaces/ana/pods/catalog-1:15020/proxy/status":
                return .success(APIResponse(status: 200, body: Array("{\"version\":\"0.1.0\",\"ready\":false}".utf8)))
            default:
                return .success(APIResponse(status: 403, body: []))
            }
        }
        var result: Result<MeshStatus, MeshStatusError>?
        MeshStatusQuery(transport: api, namespace: nil) { result = $0 }.start()
        #expect(loop.run(until: { result != nil }))
        let entries = try #require(try result?.get()).entries
        #expect(entries.map(\.report?.isReady) == [false, nil])
        #expect(entries.map(\.silence) == [nil, "pods/proxy may not be read (403)"])
    }

    @Test func aRefusedListIsAnError() throws {
        let loop = try EventLoop()
        let api = FakeAPI(loop: loop)
        api.fault = { _ in .success(APIResponse(status: 403, body: Array("{\"message\":\"no\"}".utf8))) }
        var message = ""
        MeshStatusQuery(transport: api, namespace: "ana") { result in
            if case .failure(let error) = result { message = error.description }
        }.start()
        #expect(loop.run(until: { !message.isEmpty }))
        #expect(message == "pods cannot be listed: 403, no")
    }
}
