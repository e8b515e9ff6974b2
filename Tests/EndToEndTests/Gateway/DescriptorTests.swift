import Glibc
import Testing

/// Processes that may have few descriptors open.
@Suite struct DescriptorTests {
    /// A gateway for the manifests of another, in a shell's limit.
    private func gateway(_ model: GatewayUnderTest, limit: Int, _ ports: Ports.Block) throws -> ChildProcess {
        try ChildProcess(
            [
                "/bin/sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", WeirBinary.path(), "gateway", "--gateway",
                "shop/edge", "--bind", "127.0.0.1", "--port-offset", "\(ports.offset)", "--admin",
                "127.0.0.1:\(ports.admin)", "--telemetry", "127.0.0.1:\(ports.telemetry)", "--workers", "8",
                "--manifests", model.folder.path + "/manifests",
            ], folder: model.folder.path, name: "limited")
    }

    @Test(arguments: [100, 300])
    func fewDescriptorsServeFewAtATimeAndWhoWaitsIsServedLater(_ limit: Int) throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let model = try GatewayUnderTest(to: backend)
        let ports = try Ports.block()
        let gateway = try self.gateway(model, limit: limit, ports)
        defer { gateway.end(); model.stop(); backend.close() }
        func get(_ port: Int, _ path: String) -> Int? {
            (try? TCPStream(port: port).get(path, host: "localhost"))?.status
        }
        try eventually("it is ready") { get(ports.telemetry, "/healthz/ready") == 200 }
        #expect(gateway.standardError.contains("\(limit) descriptors"))
        // As many silent clients as there are descriptors, at every port.
        let silent = try [ports.first, ports.telemetry, ports.admin].flatMap { port in
            try (0..<limit).map { _ in try TCPStream(port: port) }
        }
        for _ in 0..<10 { #expect(get(ports.first, "/") == 200) }
        #expect(get(ports.telemetry, "/healthz/live") == 200)
        #expect(get(ports.admin, "/snapshot") == 200)
        for stream in silent { stream.close() }
        #expect(get(ports.first, "/") == 200)
    }

    @Test func withTooFewNothingStarts() throws {
        let backend = try TestBackend()
        let model = try GatewayUnderTest(to: backend)
        let gateway = try self.gateway(model, limit: 40, try Ports.block())
        defer { gateway.end(); model.stop(); backend.close() }
        #expect(try gateway.wait() == 1)
        #expect(gateway.standardError.contains("at least 64"))
    }
}
