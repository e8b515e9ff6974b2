import Glibc
import Testing

/// Pods whose application is down while their sidecar lives: as if the sidecar were not there.
@Suite struct DeadApplicationTests {
    private static let service = "10.96.0.50"

    private static let manifests = Manifest.list([
        Manifest.service(
            "two", clusterIP: service, appProtocol: "http", host: "10.77.0.13", endpoints: [8090]),
        Manifest.slice("two-other", of: "two", host: "10.77.0.14", port: 8090),
        Manifest.service(
            "line", clusterIP: "10.96.0.51", port: 7000, appProtocol: "tcp", host: "10.77.0.13", endpoints: [7000]),
        Manifest.slice("line-other", of: "line", host: "10.77.0.14", port: 7000),
    ])

    @Test func requestsGoToThePodWhoseApplicationListens() throws {
        let mesh = try Mesh(DeadApplicationTests.manifests)
        defer { mesh.stop() }
        let down = try mesh.pod("one", number: 13, isMeshed: true)
        let well = try mesh.pod("two", number: 14, isMeshed: true)
        let caller = try mesh.pod("caller", namespace: "clients", number: 11, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try well.serve(port: 8090)
        _ = try well.serve(port: 7000, OpaqueTests.banner)
        let client = try caller.connect(DeadApplicationTests.service, port: 80)
        for method in ["GET", "POST"] {
            for _ in 0..<20 {
                let response = try client.exchange(
                    "\(method) / HTTP/1.1\r\nHost: two\r\nContent-Length: 5\r\n\r\nhello", method: method)
                #expect(response.status == 200)
                #expect(response["weir-failure"] == nil)
            }
        }
        let metrics = try caller.metrics()
        #expect(metrics.sum("weir_ejections_total") >= 1)
        #expect(metrics.sum("weir_repicks_total") >= 1)

        // Who is no proxy learns what a client does, and no more.
        let response = try stranger.get("/", from: down.address, port: 8090)
        #expect(response.status == 503)
        #expect(response["weir-failure"] == nil)
        // What an application says of itself ends at its own proxy.
        _ = try down.serve(port: 8090, DeadEndpointTests.applicationDown)
        let said = try stranger.get("/", from: down.address, port: 8090, "weir-routed: mesh -")
        #expect(said.status == 503)
        #expect(said["weir-failure"] == nil)

        // Opaque connections: the endpoint that ends them without a word is out after a few.
        let spoken = (0..<20).map { _ in
            (try? caller.connect("10.96.0.51", port: 7000).readText(11)) == "220 hello\r\n"
        }
        #expect(spoken.count { !$0 } == 0, "of a server that speaks first nothing is lost at all")
    }
}

/// Pods whose machine has vanished: nothing is refused, packets are lost.
@Suite struct VanishedPodTests {
    @Test func requestsThatWereWithAVanishedPodAreAnsweredByAnother() throws {
        let mesh = try Mesh(
            Manifest.service(
                "two", clusterIP: "10.96.0.50", appProtocol: "http", host: "10.77.0.13", endpoints: [8090]),
            Manifest.slice("two-other", of: "two", host: "10.77.0.14", port: 8090))
        defer { mesh.stop() }
        let vanishing = try mesh.pod("one", number: 13, isMeshed: false)
        let other = try mesh.pod("two", number: 14, isMeshed: false)
        let caller = try mesh.pod(
            "caller", namespace: "clients", number: 11, isMeshed: true,
            flags: ["--upstream-ack-timeout", "300ms", "--upstream-keepalive", "1s"])
        // Every second request of a connection is kept waiting.
        let lost = try vanishing.serve(port: 8090) { stream, number in
            while let request = try stream.readRequest() {
                if request.target == "/wait" { return _ = try stream.receive(within: forever) }
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlost")
            }
        }
        _ = try other.serve(port: 8090, TestBackend.answers("well"))
        let clients = try (0..<16).map { _ in try caller.connect("10.96.0.50", port: 80) }
        for client in clients { try client.send("GET / HTTP/1.1\r\nHost: two\r\n\r\n") }
        for client in clients { #expect(try client.readResponse().status == 200) }
        // Half of the clients' requests are with it and acknowledged, those of the other half are sent after it is
        // gone.
        for client in clients[..<8] { try client.send("GET /wait HTTP/1.1\r\nHost: two\r\n\r\n") }
        try eventually("some wait") { lost.allReceived.contains("/wait") }
        try NetworkNamespace.tool("ip -n \(vanishing.network.name) link set eth0 down")
        for client in clients[8...] { try client.send("GET /late HTTP/1.1\r\nHost: two\r\n\r\n") }
        for client in clients {
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.text == "well")
        }
        #expect(try caller.metrics().sum("weir_ejections_total") >= 1)
    }
}
