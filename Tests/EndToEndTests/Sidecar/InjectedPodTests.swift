import Foundation
import Testing

/// What an injected pod asks of its proxy, in network namespaces with real redirection: probes, ordered start, orderly
/// end.
@Suite struct InjectedPodTests {
    private static let environment = [
        "WEIR_PROBES":
            "/probe/app/readyz http 8080 60 /health\n/probe/app/livez tcp 8080 60\n/probe/app/startupz tcp 8099 60",
        "WEIR_TERMINATION_DELAY": "1s",
    ]

    private static let application: TestBackend.Script = { stream, _ in
        while let request = try stream.readRequest() {
            let status = request.target == "/health" || request.target.hasPrefix("/open") ? "200 OK" : "500 Broken"
            try stream.send("HTTP/1.1 \(status)\r\nContent-Length: 2\r\n\r\nok")
        }
    }

    private func telemetry(_ pod: Pod, from caller: Pod, _ path: String) throws -> Message {
        try caller.connect(pod.address, port: 15020).get(path)
    }

    @Test func probesReachTheWorkloadPastItsRoutes() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod(
            "cart", number: SidecarTests.server, isMeshed: true, environment: Self.environment)
        let node = try mesh.pod("node", number: 12, isMeshed: false)
        #expect(try telemetry(pod, from: node, "/probe/app/livez").status == 503, "nothing listens yet")
        let server = try pod.serve(port: 8080, Self.application)
        #expect(try telemetry(pod, from: node, "/probe/app/readyz").status == 200)
        #expect(try telemetry(pod, from: node, "/probe/app/livez").status == 200)
        #expect(try telemetry(pod, from: node, "/probe/app/startupz").status == 503)
        #expect(try telemetry(pod, from: node, "/probe/app/other").status == 404)
        #expect(server.allReceived.contains("GET /health"))
        // The same request at the door is the route's to answer: it allows /open and /slow.
        #expect(try node.get("/health", from: pod.address, port: 8080).status == 404)
    }

    @Test func aPodThatGoesSendsItsCallersElsewhereAndServesThemUntilThen() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod(
            "cart", number: SidecarTests.server, isMeshed: true, environment: Self.environment)
        let caller = try mesh.pod("caller", number: 12, isMeshed: false)
        _ = try pod.serve(port: 8080, Self.application)
        #expect(try pod.weir("wait").code == 0)
        let idle = try caller.connect(pod.address, port: 8080)
        let busy = try caller.connect(pod.address, port: 8080)
        for stream in [idle, busy] {
            try stream.send("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n")
            let answer = try stream.readResponse()
            #expect(answer.status == 200)
            #expect(answer["connection"] == nil)
        }
        let drained = try pod.weir("drain")
        #expect(drained.code == 0, "\(drained.errors)")
        // The next request of an idle connection may be on its way: it is answered, and the answer says that it is the
        // last.
        try idle.send("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n")
        let last = try idle.readResponse()
        #expect(last.status == 200 && last["connection"] == "close")
        #expect(try pod.health() == 200, "it goes on serving, and is ready")
        let late = try caller.connect(pod.address, port: 8080)
        try late.send("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n")
        let answer = try late.readResponse()
        #expect(answer.status == 200)
        #expect(answer["connection"] == "close")
        // What the workload calls is not affected.
        let outbound = try pod.connect(SidecarTests.cart, port: 80)
        try outbound.send("GET /open HTTP/1.1\r\nHost: cart.shop\r\n\r\n")
        #expect(try outbound.readResponse()["connection"] == nil)
    }

    @Test func aHookWaitsForTheDelay() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod(
            "cart", number: SidecarTests.server, isMeshed: true, environment: Self.environment)
        let start = Clock.now()
        #expect(try telemetry(pod, from: pod, "/termination-delay").status == 200)
        #expect(Clock.now() - start >= 1000)
    }

    @Test func drainWaitsForTheEndOfTheWorkload() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        // Without a proxy, since one that a test starts as root has opened sockets as root.
        let pod = try mesh.pod("cart", number: SidecarTests.server, isMeshed: false)
        let server = try pod.serve(port: 8080, Self.application)
        func drain(atMost limit: String) throws {
            let outcome = try pod.weir("drain", "--until-app-ends", "--at-least", "100ms", "--at-most", limit)
            #expect(outcome.errors.contains("does not answer"))
        }
        let start = Clock.now()
        try drain(atMost: "1500ms")
        #expect(Clock.now() - start >= 1500, "the workload listens")
        server.close()
        // It returns because the workload has ended: the test does not wait for an hour.
        try drain(atMost: "1h")
    }

    /// It has no socket between two calls, nor at most looks.
    @Test func drainWaitsForAWorkloadThatCallsOnShortConnections() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod("cart", number: SidecarTests.server, isMeshed: false)
        // What a proxy says whose workload calls between the first ten looks, each on a connection of its own, and then
        // no more.
        let metrics = try pod.serve(port: 15020) { stream, number in
            guard try stream.readRequest() != nil else { return }
            let text = "weir_connections_total{door=\"outbound\"} \(min(number, 10))\n"
            try stream.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)")
        }
        defer { metrics.close() }
        // The listener of this test is root's, whose sockets do not count: only the calls are seen.
        _ = try pod.weir("drain", "--until-app-ends", "--proxy-uid", "0", "--at-least", "100ms", "--at-most", "1h")
        // More where an answer was so late that it was looked again.
        #expect(metrics.connections >= 16, "the first look, ten in which it has called, five in which it has not")
    }

    @Test func waitingForAProxyThatIsNotThereFails() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod("bare", number: 13, isMeshed: false)
        let waited = try pod.weir("wait", "--at-most", "200ms")
        #expect(waited.code == 1)
        #expect(waited.errors.contains("not ready after 200ms"))
        #expect(try pod.weir("drain").code == 1)
    }

    @Test func injectPrintsWhatItInjectedAndNothingWhenAPodIsRefused() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n"
        try folder.write("good.yaml", pod + "---\n{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\"}\n")
        try folder.write("bad.yaml", pod.replacingOccurrences(of: "spec: {", with: "spec: {hostNetwork: true, "))
        let good = try weir("inject", "-f", folder.path + "/good.yaml")
        #expect(good.code == 0, "\(good.errors)")
        #expect(good.output.contains("weir-proxy") && good.output.contains("kind: ConfigMap"))
        try folder.write("again.yaml", good.output)
        #expect(try weir("inject", "-f", folder.path + "/again.yaml").output == good.output)
        let bad = try weir("inject", "-f", folder.path + "/good.yaml", "-f", folder.path + "/bad.yaml")
        #expect(bad.code == 1)
        #expect(bad.output.isEmpty)
        #expect(bad.errors.contains("Pod default/a: spec.hostNetwork: true"))
        #expect(try weir("inject", "-f", folder.path + "/absent.yaml").code == 1)
    }
}
