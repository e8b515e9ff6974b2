import ControlHTTP
import Foundation
import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// A real kubectl reads the served API.
@Suite struct KubectlTests {
    /// `.tools/bin/kubectl`, put there by scripts/install-tools.sh if it is not there yet; nil, with the reason
    /// printed, when it cannot be had.
    private static let kubectl: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.path + "/.tools/bin/kubectl"
        if FileManager.default.isExecutableFile(atPath: path) { return path }
        let install = Process()
        install.executableURL = URL(fileURLWithPath: "/bin/sh")
        install.arguments = [root.path + "/scripts/install-tools.sh"]
        try? install.run()
        install.waitUntilExit()
        if FileManager.default.isExecutableFile(atPath: path) { return path }
        print("KubectlTests: passed over, because scripts/install-tools.sh could not install kubectl")
        return nil
    }()

    private let folder: ScratchFolder
    private let fixture: ServedAPIFixture

    init() throws {
        folder = try ScratchFolder()
        fixture = try ServedAPIFixture()
        try folder.write(
            "config",
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: 'http://127.0.0.1:\(fixture.server.port)'}}]
            users: [{name: u, user: {}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """)
        fixture.cache.put(.httpRoute, Self.route("web", host: "shop.test"))
        fixture.cache.put(.service, .service("cart"))
    }

    private static func route(_ name: String, host: String) -> Node {
        .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": .mapping([
                "name": .string(name), "namespace": "shop", "creationTimestamp": "2024-05-01T10:00:00Z",
            ]),
            "spec": .mapping(["hostnames": [.string(host)]]),
        ])
    }

    private func start(_ kubectl: String, _ arguments: [String]) throws -> Process {
        for name in ["out", "err"] { try folder.write(name, "") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: kubectl)
        process.arguments =
            ["--kubeconfig", folder.path + "/config", "--cache-dir", folder.path + "/cache"] + arguments
        process.standardOutput = FileHandle(forWritingAtPath: folder.path + "/out")
        process.standardError = FileHandle(forWritingAtPath: folder.path + "/err")
        try process.run()
        return process
    }

    private func run(_ kubectl: String, _ arguments: [String]) throws -> (status: Int32, out: String, err: String) {
        let process = try start(kubectl, arguments)
        if !fixture.turn(until: { !process.isRunning }) { process.terminate() }
        process.waitUntilExit()
        return (process.terminationStatus, folder.read("out"), folder.read("err"))
    }

    @Test func itListsAndReads() throws {
        defer { folder.remove() }
        guard let kubectl = Self.kubectl else { return }
        let list = try run(kubectl, ["get", "httproutes", "-A"])
        #expect(list.status == 0, "\(list.err)")
        let lines = list.out.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasPrefix("NAMESPACE") && lines[1].hasPrefix("shop"), "\(list.out)")
        #expect(lines[1].contains("web"))
        let json = try run(kubectl, ["get", "services", "-n", "shop", "cart", "-o", "json"])
        #expect(json.status == 0 && json.out.contains("\"kind\": \"Service\""), "\(json.err)")
        let short = try run(kubectl, ["get", "svc,gtw,ns", "-A", "-l", "!x", "-o", "name"])
        #expect(short.status == 0 && short.out == "service/cart\n", "\(short.out)\(short.err)")
        let resources = try run(kubectl, ["api-resources", "-o", "name"])
        #expect(resources.out.split(separator: "\n").count == ServedKind.all.count, "\(resources.out)\(resources.err)")
        let secret = try run(kubectl, ["get", "secrets", "-A"])
        #expect(secret.status != 0 && secret.err.contains("doesn't have a resource type"), "\(secret.err)")
    }

    @Test func itFollowsChanges() throws {
        defer { folder.remove() }
        guard let kubectl = Self.kubectl else { return }
        let process = try start(kubectl, ["get", "httproutes", "-A", "-w", "-o", "name"])
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        #expect(
            fixture.turn { folder.read("out") == "httproute.gateway.networking.k8s.io/web\n" }, "\(folder.read("err"))")
        #expect(fixture.turn { fixture.api.counters.watchers == 1 })
        fixture.cache.put(.httpRoute, Self.route("new", host: "new.test"))
        #expect(fixture.turn { folder.read("out").contains("/new\n") }, "\(folder.read("out"))\(folder.read("err"))")
        fixture.cache.remove(.httpRoute, ObjectKey(namespace: "shop", name: "web"))
        #expect(fixture.turn { folder.read("out").split(separator: "\n").count == 3 }, "\(folder.read("out"))")
    }
}
