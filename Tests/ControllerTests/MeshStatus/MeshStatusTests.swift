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
                    "{version: 0.1.0, ready: true, snapshot: {version: 7, ageSeconds: 200}, source: {healthy: true, problems: 2}, rules: {state: in place, lacking: []}}"
                )))
        let status = MeshStatus(entries: [
            .init(
                pod: try #require(ProxyPod(try Gateways.node(Self.gateway))),
                silence: "port 15020 does not answer (503)"),
            .init(pod: try #require(ProxyPod(try Gateways.node(Self.injected))), report: report),
        ])
        #expect(
            status.text == """
                NAMESPACE  POD         ROLE     VERSION  READY  SNAPSHOT  AGE  RULES     NOTES
                ana        catalog-1   sidecar  0.1.0    yes    7         3m   in place  2 problems
                ana        web-weir-1  gateway  -        -      -         -    -         port 15020 does not answer (503)

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
        #expect(entries.map(\.silence) == [nil, "may not be asked"])
        let status = try #require(try result?.get())
        #expect(status.hidden.count == 1)
        #expect(
            status.text.hasSuffix(
                """
                what the proxies in namespace ana say is not shown: no right to get pods/proxy there \
                (kubectl auth can-i get pods --subresource=proxy -n ana)

                """), "\(status.text)")
        #expect(status.json.text().contains("\"hidden\": [\n"))
    }

    /// What the proxy says (nil: nothing), what became of its container, and what the table shows.
    @Test(arguments: [
        ("{state: in place}" as String?, "terminated: {exitCode: 0}", "in place", nil as String?),
        ("{state: none}", "terminated: {exitCode: 0}", "unknown", "its rules cannot be checked"),
        (
            "{state: missing, lacking: [IPv6 inbound]}", "terminated: {exitCode: 0}", "missing",
            "connections pass it by (IPv6 inbound)"
        ),
        ("{state: something new}", "terminated: {exitCode: 0}", "unknown", "its rules cannot be checked"),
        (nil, "terminated: {exitCode: 0}", "unknown", "it does not look at the rules"),
        (nil, "running: {}", "unknown", "its redirect container has not ended"),
        (nil, "terminated: {exitCode: 1}", "missing", "its redirect container failed"),
    ])
    func whatTheSidecarHasFoundDecides(_ rules: String?, _ state: String, _ shown: String, _ note: String?) throws {
        let pod = try Gateways.node(Self.injected.replacing("terminated: {exitCode: 0}", with: state))
        let report = try Gateways.node("{version: 0.1.0, ready: true, rules: \(rules ?? "null")}")
        let entry = MeshStatus.Entry(pod: try #require(ProxyPod(pod)), report: ProxyReport(report))
        #expect(entry.rules.rawValue == shown)
        #expect(entry.rulesNote == note)
    }

    @Test func aPodThatNobodyRedirectsHasNoRules() throws {
        let bare = "{metadata: {name: a, namespace: b}, spec: {containers: [{name: weir-proxy}]}}"
        let pod = try #require(ProxyPod(try Gateways.node(bare)))
        #expect(MeshStatus.Entry(pod: pod).rules == MeshStatus.Entry.Rules.none)
        let report = ProxyReport(try Gateways.node("{version: 0.1.0, ready: true, rules: {state: none}}"))
        #expect(MeshStatus.Entry(pod: pod, report: report).rulesNote == "its connections are not redirected")
    }

    @Test(arguments: [
        (
            "ana" as String?, 403 as Int,
            "no right to list the pods of namespace ana (403, no); 'kubectl auth can-i list pods -n ana' tells when you have it"
        ),
        (
            nil, 403,
            "no right to list the pods of all namespaces (403, no); name one with --namespace (-n) where you have it"
        ),
        ("ana", 400, "pods cannot be listed: 400, no"),
    ])
    func aRefusedListIsAnError(_ namespace: String?, _ code: Int, _ expected: String) throws {
        let loop = try EventLoop()
        let api = FakeAPI(loop: loop)
        api.fault = { _ in .success(APIResponse(status: code, body: Array("{\"message\":\"no\"}".utf8))) }
        var message = ""
        MeshStatusQuery(transport: api, namespace: namespace) { result in
            if case .failure(let error) = result { message = error.description }
        }.start()
        #expect(loop.run(until: { !message.isEmpty }))
        #expect(message == expected)
    }
}
