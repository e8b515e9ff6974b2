import APIServer
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// Whatever goes wrong in whatever order: in the end a watch has told what the server has, and nothing else.
@Suite struct WatchConvergenceTests {
    /// Steps of one run: changes with misfortunes among them.
    private static let steps = 60
    private static let names = 8

    /// One watch and what it told.
    private final class Mirror {
        let resource: String
        let label: String?
        var objects: [ObjectKey: Node] = [:]
        var watch: ResourceWatch?

        init(_ resource: String, label: String? = nil) {
            self.resource = resource
            self.label = label
        }

        func take(_ event: WatchEvent) {
            switch event {
            case .changed(let node):
                if let key = node.objectKey { objects[key] = node }
            case .removed(let key): objects[key] = nil
            case .absent: objects = [:]
            case .synced, .interrupted: break
            }
        }

        func isExact(_ server: APIServer) -> Bool {
            let wanted = server.list(resource).filter { label == nil || $0.text("metadata", "labels", "team") == label }
            return wanted.count == objects.count
                && wanted.allSatisfy { node in
                    guard let key = node.objectKey, let mine = objects[key] else { return false }
                    // Who wrote which field is left out by the watch.
                    var told = node
                    told.update("metadata") { $0.set("managedFields", nil) }
                    return mine.means(told)
                }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aWatchConvergesAfterAnyMisfortune(seed: UInt64) throws {
        let server = try APIServer()
        defer { server.stop() }
        let test = try LoopTest()
        let client = try test.client(server)
        var random = SplitMix64(seed: seed)
        let mirrors = [
            Mirror("services"), Mirror("services", label: "ana"), Mirror("httproutes"), Mirror("endpointslices"),
        ]
        for (number, mirror) in mirrors.enumerated() {
            let kind: ResourceKind =
                mirror.resource == "services" ? .service : mirror.resource == "httproutes" ? .httpRoute : .endpointSlice
            let scope = WatchScope(labelSelector: mirror.label.map { "team=\($0)" })
            let watch = ResourceWatch(
                transport: client, loop: test.loop, kind: kind.api, scope: scope, seed: seed &+ UInt64(number)
            ) { mirror.take($0) }
            mirror.watch = watch
            watch.start()
        }
        var isDown = false
        for _ in 0..<Self.steps {
            try change(server, &random)
            if Int.random(in: 0..<3, using: &random) == 0 { try misfortune(server, &random, &isDown) }
            // The loop has a turn now and then, so that misfortunes meet every state.
            if Bool.random(using: &random) {
                let seen = server.requests.count
                _ = test.run(timeout: 0.02) { server.requests.count > seen }
            }
        }
        server.removeFaults()
        if isDown { try server.comeUp() }
        #expect(test.run(timeout: 2 * LoopTest.patience) { mirrors.allSatisfy { $0.isExact(server) } })
        // It stays so: nothing that was held back comes later.
        try server.put(service("last", team: "ana"))
        #expect(test.run(timeout: 2 * LoopTest.patience) { mirrors.allSatisfy { $0.isExact(server) } })
        for mirror in mirrors { mirror.watch?.stop() }
        client.close()
    }

    private func change(_ server: APIServer, _ random: inout SplitMix64) throws {
        let name = "n\(Int.random(in: 0..<Self.names, using: &random))"
        let team = Bool.random(using: &random) ? "ana" : "ian"
        switch Int.random(in: 0..<7, using: &random) {
        case 0: server.delete("services", ObjectKey(namespace: "shop", name: name))
        case 1: server.delete("httproutes", ObjectKey(namespace: "shop", name: name))
        case 2:
            try server.put(
                yaml: "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: \(name), "
                    + "namespace: shop}, spec: {hostnames: [\"\(team).test\"]}}")
        case 3:
            try server.put(
                yaml: "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: \(name), "
                    + "namespace: shop, labels: {kubernetes.io/service-name: \(team)}}, addressType: IPv4, endpoints: []}"
            )
        default: try server.put(service(name, team: team))
        }
    }

    private func service(_ name: String, team: String) -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Service",
            "metadata": .mapping([
                "name": .string(name), "namespace": "shop", "labels": .mapping(["team": .string(team)]),
            ]),
            "spec": .mapping(["ports": [.mapping(["port": 80])]]),
        ])
    }

    private func misfortune(_ server: APIServer, _ random: inout SplitMix64, _ isDown: inout Bool) throws {
        let part = ["/services", "/httproutes", "/endpointslices", "watch=true"].randomElement(using: &random) ?? "/"
        let resource = ["services", "httproutes", "endpointslices"].randomElement(using: &random) ?? "services"
        switch Int.random(in: 0..<14, using: &random) {
        case 0: server.cutWatches(of: resource)
        case 1: server.cutWatches(of: resource, inNextEvent: true)
        case 2: server.endWatches()
        case 3: server.expireWatches(of: resource)
        case 4: server.compact()
        case 5: server.repeatEvents(of: resource, count: 3)
        case 6: server.swapEvents(of: resource)
        case 7: server.inject(.failure(500, on: part))
        case 8: server.inject(.failure(410, reason: "Expired", on: part))
        case 9: server.inject(Fault(.cutAnswer(after: Int.random(in: 0..<600, using: &random)), on: part))
        case 10: server.inject(Fault(.loseAnswer, on: part))
        case 11: server.inject(Fault(.body(Array("{\"kind\":\"List\",\"items\":[{}".utf8)), on: part))
        case 12: server.sendBookmarks()
        default:
            if isDown {
                try server.comeUp(forgetsHistory: Bool.random(using: &random))
            } else {
                try server.goDown()
            }
            isDown.toggle()
        }
    }
}
