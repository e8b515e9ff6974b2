import Glibc
import Testing

/// Bytes that are not HTTP, or go where the mesh knows nothing.
@Suite struct OpaqueTests {
    static let database = "10.96.0.12"
    static let manifests = Manifest.list([
        Manifest.service(
            "db", clusterIP: database, port: 5432, appProtocol: "tcp", host: "10.77.0.10", endpoints: [5432]),
        Manifest.service(
            "pair", clusterIP: "10.96.0.14", port: 7000, appProtocol: "tcp", host: "10.77.0.13",
            endpoints: [7000, 7001]),
        Manifest.service("chat", clusterIP: "10.96.0.13", port: 9000, host: "10.77.0.10", endpoints: [9001]),
        // Two Services of one port of a pod, which do not agree.
        Manifest.service("store", clusterIP: "10.96.0.15", port: 3306, host: "10.77.0.10", endpoints: [3307]),
        Manifest.service(
            "store-http", clusterIP: "10.96.0.16", port: 8080, appProtocol: "http", host: "10.77.0.10",
            endpoints: [3307]),
    ])

    /// Speaks first, then returns what it gets until the client has ended its stream.
    static let banner: TestBackend.Script = { stream, _ in
        try stream.send("220 hello\r\n")
        let said = try stream.readToEnd()
        try stream.send("you said " + String(decoding: said.bytes, as: UTF8.self))
    }

    private func converse(_ stream: TCPStream) throws {
        #expect(try stream.readText(11) == "220 hello\r\n")
        try stream.send("bye")
        stream.shutdownWrite()
        let rest = try stream.readToEnd()
        #expect(
            String(decoding: rest.bytes, as: UTF8.self) == "you said bye",
            "half-close passes, and so does what follows it")
        #expect(rest.end == .closed)
    }

    @Test func aDeclaredOpaquePortPassesServerFirstBytesAtOnce() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("db", number: 10, isMeshed: true, flags: ["--detection-wait", "1h"])
        let caller = try mesh.pod("caller", number: 11, isMeshed: true, flags: ["--detection-wait", "1h"])
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 5432, OpaqueTests.banner)
        try converse(try caller.connect(OpaqueTests.database, port: 5432))
        try converse(try stranger.connect(server.address, port: 5432))
        try caller.counts(1, "weir_opaque_connections_total", "outbound")
        try server.counts(2, "weir_opaque_connections_total", "inbound")
    }

    @Test func anEndpointThatRefusesAnOpaqueConnectionIsLeftForAnother() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let server = try mesh.pod("pair", number: 13, isMeshed: false)
        _ = try server.serve(port: 7000, OpaqueTests.banner)
        try eventually("an endpoint was left for the other") {
            try converse(try caller.connect("10.96.0.14", port: 7000))
            return try caller.metrics().sum("weir_repicks_total") >= 1
        }
        #expect(try caller.metrics().sum("weir_ejections_total") >= 1)
        try eventually("nothing is left open") { try caller.metrics().sum("weir_opaque_connections_active") == 0 }
    }

    @Test func anUndeclaredPortPassesServerFirstBytesAfterTheDetectionWait() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("chat", number: 10, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 9001, OpaqueTests.banner)
        try converse(try caller.connect("10.96.0.13", port: 9000))
        try converse(try stranger.connect(server.address, port: 9001))
        #expect(try server.metrics().sum("weir_detection_timeouts_total", "inbound") >= 1)
    }

    @Test func aPortThatOneServiceAloneCallsHTTPPassesServerFirstBytes() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("store", number: 10, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        _ = try server.serve(port: 3307, OpaqueTests.banner)
        try converse(try caller.connect("10.96.0.15", port: 3306))
        try converse(try stranger.connect(server.address, port: 3307))
        #expect(try server.metrics().sum("weir_detection_timeouts_total", "inbound") >= 2)
    }

    @Test func anUndeclaredPortThatSpeaksHTTPIsServedAsHTTP() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("chat", number: 10, isMeshed: true)
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        _ = try server.serve(port: 9001, SidecarTests.application)
        #expect(try caller.get("/x", from: "10.96.0.13", port: 9000).text.hasPrefix("GET /x "))
        try eventually("the requests are counted") {
            try caller.metrics().sum("weir_requests_total", "door=\"outbound\"") == 1
        }
        try eventually("the requests are counted") {
            try server.metrics().sum("weir_requests_total", "door=\"inbound\"") == 1
        }
    }

    @Test func anUnknownDestinationPassesThroughUntouched() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let outside = try mesh.pod("outside", number: 12, isMeshed: false)
        let server = try outside.serve(port: 7000)
        let talk = try outside.serve(port: 7001, OpaqueTests.banner)
        #expect(try caller.get("/x", from: outside.address, port: 7000).status == 200)
        #expect(server.received() == "GET /x HTTP/1.1\r\nHost: cart.shop\r\nConnection: close\r\n\r\n", "byte for byte")
        try converse(try caller.connect(outside.address, port: 7001))
        #expect(talk.connections == 1)
    }

    @Test func aConnectionStraightToADoorIsRefused() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let server = try mesh.pod("db", number: 10, isMeshed: true)
        let stranger = try mesh.pod("stranger", number: 12, isMeshed: false)
        let attempts = [
            (stranger, server.address, 15006), (stranger, server.address, 15001), (server, server.address, 15001),
            (server, server.address, 15006), (stranger, server.address6, 15006), (server, server.address6, 15001),
        ]
        for (pod, host, port) in attempts {
            let stream = try pod.connect(host, port: port)
            _ = stream.sendNow(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(try stream.readToEnd().bytes.isEmpty, "\(host):\(port)")
        }
        // On the loopback address the doors tell their names, to whoever asks, and nothing else.
        for (host, port, name) in [("127.0.0.1", 15006, "outbound"), ("::1", 15001, "inbound")] {
            let stream = try server.connect(host, port: port)
            #expect(String(decoding: try stream.readToEnd().bytes, as: UTF8.self) == "weir \(name)\n")
        }
        let metrics = try server.metrics()
        #expect(metrics.sum("weir_loop_refusals_total") == Double(attempts.count))
        #expect(metrics.sum("weir_upstream_connections_total") == 0)
        #expect(server.sidecar?.isRunning == true)
    }

    @Test func aRefusedConnectionThroughATunnelEndsTheClients() throws {
        let mesh = try Mesh(OpaqueTests.manifests)
        defer { mesh.stop() }
        let caller = try mesh.pod("caller", number: 11, isMeshed: true)
        let outside = try mesh.pod("outside", number: 12, isMeshed: false)
        let stream = try caller.connect(outside.address, port: 7999)
        #expect(try stream.readToEnd().bytes.isEmpty)
    }
}
