import Glibc

/// A running `weir gateway` with a folder of manifests of its own.
final class GatewayUnderTest: Sendable, Measured {
    let folder: TestFolder
    let ports: Ports.Block
    let process: ChildProcess

    /// Starts the gateway `shop/edge`; waits until it is ready unless told not to.
    convenience init(
        _ objects: String..., flags: [String] = [], environment: [String: String] = [:], workers: Int = 1,
        waitsUntilReady: Bool = true
    ) throws {
        let folder = try TestFolder()
        try folder.makeFolder("manifests")
        try folder.write("manifests/main.yaml", Manifest.list(objects))
        try self.init(
            folder, source: ["--manifests", folder.path + "/manifests"], flags: flags, environment: environment,
            workers: workers, waitsUntilReady: waitsUntilReady)
    }

    /// - Parameter folder: for the process's output; removed with the gateway.
    init(
        _ folder: TestFolder, source: [String], gateway: String = "shop/edge", bind: String = "127.0.0.1",
        flags: [String] = [], environment: [String: String] = [:], workers: Int = 1, waitsUntilReady: Bool = true
    ) throws {
        self.folder = folder
        ports = try Ports.block()
        process = try ChildProcess(
            [
                WeirBinary.path(), "gateway", "--gateway", gateway, "--bind", bind, "--port-offset", "\(ports.offset)",
                "--admin", "127.0.0.1:\(ports.admin)", "--telemetry", "127.0.0.1:\(ports.telemetry)", "--workers",
                "\(workers)",
            ] + source + flags, environment: environment, folder: folder.path)
        if waitsUntilReady { try waitUntilReady() }
    }

    /// A gateway in front of one backend, with a route `web` that has this rule or these rules.
    convenience init(to backend: TestBackend, rules: String? = nil, flags: [String] = [], workers: Int = 1) throws {
        try self.init(
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", rules ?? Manifest.everything(to: "app")), flags: flags, workers: workers)
    }

    func stop() {
        process.end()
        folder.remove()
    }

    func waitUntilReady() throws {
        do {
            try eventually("readiness") {
                guard process.isRunning else { throw Failure("weir ended: \(process.standardError)") }
                return try health() == 200
            }
        } catch {
            let log = process.standardError
            stop()
            throw Failure("\(error)\n\(log)")
        }
    }

    func connect(port: Int? = nil, receiveBuffer: Int32? = nil) throws -> TCPStream {
        try TCPStream(port: port ?? ports.first, receiveBuffer: receiveBuffer)
    }

    /// One GET on a connection of its own.
    func get(_ target: String, host: String = "shop.test", _ lines: String...) throws -> Message {
        let more = lines.map { $0 + "\r\n" }.joined()
        return try connect().exchange("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(more)Connection: close\r\n\r\n")
    }

    /// The status of the readiness check, 0 when nobody answers.
    func health(_ path: String = "/healthz/ready") throws -> Int {
        guard let stream = try? TCPStream(port: ports.telemetry) else { return 0 }
        return (try? stream.get(path).status) ?? 0
    }

    /// Asks as the user that the proxy runs as, unless told otherwise.
    func admin(
        _ method: String, _ target: String, host: String = "localhost", as user: UInt32 = 1337, _ lines: String...
    ) throws -> Message {
        let more = lines.map { $0 + "\r\n" }.joined()
        return try TCPStream(port: ports.admin, user: user)
            .exchange("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\(more)\r\n", method: method)
    }

    /// Whether one problem that it tells of has all of these words.
    func tells(_ words: String...) throws -> Bool {
        let lines = try admin("GET", "/snapshot").text.split(separator: "\n")
        return lines.contains { line in line.contains("error: ") && words.allSatisfy(line.contains) }
    }

    func metrics() throws -> Metrics { Metrics(try TCPStream(port: ports.telemetry).get("/metrics").text) }
}
