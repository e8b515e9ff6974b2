import Foundation
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// The cluster that KUBECONFIG names, for tests that need a real one.
enum RealCluster {
    static let kubeconfig = ProcessInfo.processInfo.environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
}

/// The client against a real API server: in a namespace of its own, which it deletes. Only when KUBECONFIG is set.
@Suite(.enabled(if: RealCluster.kubeconfig != nil)) struct RealClusterTests {
    private let test: LoopTest
    private let client: APIClient
    private let namespace = "weir-test-\(UInt32.random(in: 0 ... .max))"

    init() throws {
        test = try LoopTest()
        client = APIClient(
            try ClusterConfiguration.detected(environment: ProcessInfo.processInfo.environment), loop: test.loop,
            userAgent: "weir/test")
    }

    @discardableResult
    private func ask(_ request: APIRequest) throws -> APIResponse {
        var answer: Result<APIResponse, APIError>?
        client.send(request) { answer = $0 }
        _ = test.run { answer != nil }
        return try #require(answer).get()
    }

    /// Runs a test in a namespace that is gone afterwards.
    private func inNamespace(_ body: () throws -> Void) throws {
        let object: Node = .mapping([
            "apiVersion": "v1", "kind": "Namespace", "metadata": .mapping(["name": .string(namespace)]),
        ])
        #expect(try ask(APIRequest(.post, "/api/v1/namespaces", body: object.json)).status == 201)
        defer { _ = try? ask(APIRequest(.delete, "/api/v1/namespaces/\(namespace)")) }
        try body()
    }

    private func service(_ name: String, port: Int64) -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Service", "metadata": .mapping(["name": .string(name)]),
            "spec": .mapping(["ports": [.mapping(["port": .integer(port)])]]),
        ])
    }

    @Test func objectsAreListedAndWatched() throws {
        try inNamespace { () throws in
            let path = "/api/v1/namespaces/\(namespace)/services"
            for number in 0..<3 {
                #expect(try ask(APIRequest(.post, path, body: service("s\(number)", port: 80).json)).status == 201)
            }
            var ports: [String: Int64] = [:]
            var isSynced = false
            let watch = ResourceWatch(
                transport: client, loop: test.loop, kind: ResourceKind.service.api,
                scope: WatchScope(namespace: namespace)
            ) { event in
                switch event {
                case .changed(let node):
                    ports[node["metadata"]?["name"]?.stringValue ?? ""] =
                        node["spec"]?["ports"]?.elements.first?["port"]?.integerValue
                case .removed(let key): ports[key.name] = nil
                case .synced: isSynced = true
                case .absent, .interrupted: Issue.record("\(event)")
                }
            }
            watch.start()
            defer { watch.stop() }
            #expect(test.run { isSynced })
            #expect(ports == ["s0": 80, "s1": 80, "s2": 80])
            let patch: Node = .mapping(["spec": .mapping(["ports": [.mapping(["port": 81])]])])
            #expect(try ask(APIRequest(.patch, path + "/s1", contentType: .mergePatch, body: patch.json)).status == 200)
            #expect(test.run { ports["s1"] == 81 })
            #expect(try ask(APIRequest(.delete, path + "/s2")).status == 200)
            #expect(test.run { ports["s2"] == nil })
        }
    }

    @Test func appliedFieldsAreOwned() throws {
        try inNamespace { () throws in
            let path = "/api/v1/namespaces/\(namespace)/services/s"
            func apply(_ manager: String, port: Int64) throws -> Int {
                var node = service("s", port: 80)
                node.set("spec", .mapping(["ports": [.mapping(["port": 80, "targetPort": .integer(port)])]]))
                return try ask(
                    APIRequest(
                        .patch, path, query: [("fieldManager", manager)], contentType: .apply, body: node.json)
                ).status
            }
            #expect(try apply("one", port: 8080) == 201)
            #expect(try apply("one", port: 8081) == 200)
            #expect(try apply("two", port: 8082) == 409)
        }
    }

    @Test func aVersionThatIsLongGoneIsExpired() throws {
        var lines: [String] = []
        var isOver = false
        let query = [("watch", "true"), ("resourceVersion", "1"), ("timeoutSeconds", "5")]
        client.stream(
            APIRequest(.get, "/apis/gateway.networking.k8s.io/v1/httproutes", query: query), opened: {},
            piece: { lines.append(String(decoding: $0, as: UTF8.self)) }
        ) { _ in isOver = true }
        #expect(test.run { isOver })
        #expect(lines.count == 1 && lines[0].contains("\"ERROR\"") && lines[0].contains("410"))
    }

    @Test func aKindThatIsNotInstalledIsAbsent() throws {
        let kind = APIKind(group: "nothing.weir.dev", versions: ["v1"], plural: "things", kind: "Thing")
        var isAbsent = false
        let watch = ResourceWatch(transport: client, loop: test.loop, kind: kind) { event in
            if case .absent = event { isAbsent = true }
        }
        watch.start()
        defer { watch.stop() }
        #expect(test.run { isAbsent })
    }
}
