import Glibc
import Testing

/// A second process where one listens already.
@Suite struct SecondProcessTests {
    private func gateway(_ first: GatewayUnderTest, admin: Int, telemetry: Int, _ flags: String...) throws
        -> ChildProcess
    {
        try ChildProcess(
            [
                WeirBinary.path(), "gateway", "--gateway", "shop/edge", "--bind", "127.0.0.1", "--port-offset",
                "\(first.ports.offset)", "--admin", "127.0.0.1:\(admin)", "--telemetry", "127.0.0.1:\(telemetry)",
                "--workers", "2", "--manifests", first.folder.path + "/manifests",
            ] + flags, folder: first.folder.path, name: "second")
    }

    @Test func theSameAdminPortIsAnErrorInAnyCase() throws {
        let gateway = try GatewayUnderTest(Manifest.gateway(), workers: 2)
        defer { gateway.stop() }
        let other = try Ports.block()
        for (admin, telemetry) in [(gateway.ports.admin, other.telemetry), (other.admin, gateway.ports.telemetry)] {
            let second = try self.gateway(gateway, admin: admin, telemetry: telemetry, "--share-ports")
            defer { second.end() }
            #expect(try second.wait() == 1)
            #expect(second.standardError.contains("another process listens at"))
        }
    }

    @Test func theSameDoorsAreAnErrorUnlessSharingIsAskedFor() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend, workers: 2)
        defer { gateway.stop(); backend.close() }
        let ports = try Ports.block()
        let refused = try self.gateway(gateway, admin: ports.admin, telemetry: ports.telemetry)
        defer { refused.end() }
        #expect(try refused.wait() == 1)
        #expect(refused.standardError.contains("another process listens at 127.0.0.1:\(gateway.ports.first)"))
        #expect(refused.standardError.contains("--share-ports"))
        let shared = try self.gateway(gateway, admin: ports.admin, telemetry: ports.telemetry, "--share-ports")
        defer { shared.end() }
        try eventually("the second is ready") {
            guard let stream = try? TCPStream(port: ports.telemetry) else { return false }
            return (try? stream.get("/healthz/ready").status) == 200
        }
        #expect(try gateway.get("/").text == "ok")
    }
}
