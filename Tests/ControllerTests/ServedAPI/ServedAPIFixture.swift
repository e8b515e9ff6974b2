import ControlHTTP
import GatewayAPI
import HTTP
import Kubernetes
import Reactor

@testable import Controller

/// The served API on a loopback port, and a client of it, on one loop that the test turns.
final class ServedAPIFixture {
    let loop: EventLoop
    let cache: ObjectCache
    let api: ServedAPI
    let server: HTTPServer
    let client: HTTPClient

    init(
        limits: ServedAPILimits = ServedAPILimits(), maximumEvents: Int = 100, seconds: UInt64 = 1_700_000_000,
        tag: UInt64 = 7, authenticator: any Authenticator = AnonymousAuthenticator(), isReady: Bool = true
    ) throws {
        loop = try EventLoop()
        cache = ObjectCache(seconds: seconds, tag: tag, maximumEvents: maximumEvents)
        api = ServedAPI(cache: cache, authenticator: authenticator, loop: loop, version: "test", limits: limits)
        var serverLimits = ServedAPILimits.server
        // Watchers that fall behind on purpose are cut off for that alone, however long a slow machine takes to get
        // there.
        serverLimits.writeTimeout = 3_600_000_000_000
        server = try HTTPServer(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false), loop: loop,
            limits: serverLimits, handler: api.handle)
        client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: server.port))
        if isReady { for kind in ServedKind.all { cache.setReady(kind.kind) } }
    }

    /// Turns until something holds. False when it never does.
    @discardableResult
    func turn(until isReached: () -> Bool) -> Bool { loop.run(until: isReached) }

    struct Answer {
        var status: Int
        var fields: HTTPFields
        var node: Node

        var names: [String] {
            node["items"]?.elements.map { item in
                let metadata = item["metadata"]
                let namespace = metadata?["namespace"]?.stringValue.map { $0 + "/" } ?? ""
                return namespace + (metadata?["name"]?.stringValue ?? "")
            } ?? []
        }
        var version: String { node["metadata"]?["resourceVersion"]?.stringValue ?? "" }
        var continuation: String? { node["metadata"]?["continue"]?.stringValue }
        var reason: String { node["reason"]?.stringValue ?? "" }
    }

    func get(_ target: String, token: String? = nil) throws -> Answer {
        try send(HTTPClientRequest(.get, target, fields: token.map { ["authorization": "Bearer \($0)"] } ?? [:]))
    }

    func send(_ request: HTTPClientRequest) throws -> Answer {
        var result: Result<HTTPClientResponse, HTTPClientError>?
        client.send(request) { result = $0 }
        turn { result != nil }
        guard let response = try result?.get() else { throw HTTPClientError(.timedOut, request.target) }
        let node = try JSONReader.node(response.body)
        return Answer(status: response.status, fields: response.head.fields, node: node)
    }

    /// Opens a watch and waits until it is taken.
    func watch(_ target: String) -> WatchRecord {
        let record = WatchRecord()
        var request = HTTPClientRequest(.get, target)
        request.silenceTimeout = 0
        record.call = client.send(
            request, onHead: { record.status = $0.status }, onBody: { record.take($0) }
        ) { _ in record.isEnded = true }
        turn { record.status != nil || record.isEnded }
        return record
    }

    /// The fixture's version before anything has happened.
    var start: String { String(cache.version) }
}

/// What a watch has said.
final class WatchRecord {
    var call: HTTPCall?
    var status: Int?
    var isEnded = false
    private(set) var lines: [Node] = []
    private var rest: [UInt8] = []

    func take(_ bytes: ArraySlice<UInt8>) {
        rest += bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let node = try? JSONReader.node(rest[..<end]) { lines.append(node) }
            rest.removeFirst(end + 1)
        }
    }

    /// `ADDED name`, in the order of their coming.
    var events: [String] {
        lines.map { line in
            let name = line["object"]?["metadata"]?["name"]?.stringValue ?? ""
            return (line["type"]?.stringValue ?? "?") + (name.isEmpty ? "" : " " + name)
        }
    }

    func version(_ position: Int) -> String {
        lines[position]["object"]?["metadata"]?["resourceVersion"]?.stringValue ?? ""
    }
}

extension Node {
    static func service(
        _ name: String, in namespace: String = "shop", labels: [String: String] = [:], port: Int64 = 80
    ) -> Node {
        var metadata: Node = .mapping(["name": .string(name), "namespace": .string(namespace)])
        if !labels.isEmpty { metadata.set("labels", .strings(labels)) }
        return .mapping([
            "apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": .mapping(["ports": [.mapping(["port": .integer(port)])]]),
        ])
    }
}
