import Glibc
import Testing

/// Clients that send anything and leave at any time: the proxy stays, and nothing of them does.
@Suite struct HostilityTests {
    /// A generator with a fixed seed, so that a failure can be repeated.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let seeds = [
        "GET /a HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\n\r\n",
        "POST /b HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\n0123456789GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
        "GET /d HTTP/1.1\r\nHost: shop.test\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nbytes",
        "HEAD http://shop.test/e?f=%20 HTTP/1.0\r\nHost: shop.test\r\n\r\n",
    ]

    @Test func mutilatedRequestsNeitherEndTheProxyNorStayInIt() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            to: backend, flags: ["--head-timeout", "300ms", "--body-idle-timeout", "300ms"])
        defer { gateway.stop(); backend.close() }
        var random = Random(state: 20_260_101)
        func storm(_ count: Int) throws {
            for _ in 0..<count {
                var bytes = Array(HostilityTests.seeds.randomElement(using: &random)?.utf8 ?? "".utf8)
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    let position = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: position)
                    default: bytes.insert(contentsOf: bytes[position...].prefix(20), at: position)
                    }
                }
                let stream = try gateway.connect()
                _ = stream.sendNow(Array(bytes.prefix(Int.random(in: 1...max(1, bytes.count * 2), using: &random))))
                if Bool.random(using: &random) { _ = stream.isReadable(within: 2) }
                if Bool.random(using: &random) { stream.reset() } else { stream.close() }
            }
        }
        try storm(500)
        let before = gateway.process.residentBytes
        try storm(1500)
        #expect(gateway.process.isRunning)
        try eventually("every connection has ended") { try gateway.metrics().sum("weir_connections_active") == 0 }
        try eventually("every request has ended") { try gateway.metrics().sum("weir_requests_active") == 0 }
        #expect(gateway.process.residentBytes - before < 1_000_000)
        // A busy machine may let the head of a request pass its time.
        try eventually("others are served") { (try? gateway.get("/").text) == "ok" }
    }

    @Test func manyClientsOfSeveralWorkersAreServedAtOnce() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend, workers: 2)
        defer { gateway.stop(); backend.close() }
        let streams = try (0..<200).map { _ in try gateway.connect() }
        for round in 0..<3 {
            for stream in streams { try stream.send("GET /\(round) HTTP/1.1\r\nHost: a\r\n\r\n") }
            for stream in streams { #expect(try stream.readResponse().text == "ok") }
        }
        try eventually("the requests are counted") {
            try gateway.metrics().sum("weir_requests_total", "class=\"2xx\"") == 600
        }
    }
}
