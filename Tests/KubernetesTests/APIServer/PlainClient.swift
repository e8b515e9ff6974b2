import APIServer
import Foundation
import GatewayAPI
import Glibc
import Kubernetes
import Testing

/// A client as plain as can be, with nothing of the client that the API server is there to test.
final class PlainClient {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var node: Node { (try? JSONReader.node(body)) ?? Node(.null) }
        var text: String { String(decoding: body, as: UTF8.self) }
        var reason: String? { node.text("reason") }
        var names: [String] { (node["items"]?.elements ?? []).compactMap { $0.text("metadata", "name") } }
    }

    struct Ended: Error {}

    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ server: APIServer) throws { descriptor = try Self.connect(port: server.port) }

    deinit { close(descriptor) }

    static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else {
            close(descriptor)
            throw Ended()
        }
        var time = timeval(tv_sec: Int(LoopTest.patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// One request on this connection.
    func send(
        _ method: String, _ target: String, _ body: String = "", type: String = "application/json",
        headers: [String: String] = [:]
    ) throws -> Answer {
        try begin(method, target, body, type: type, headers: headers)
        var answer = try head()
        let length = Int(answer.headers["content-length"] ?? "") ?? 0
        while pending.count < length { try receive() }
        answer.body = Array(pending[..<length])
        pending.removeSubrange(..<length)
        return answer
    }

    /// Begins a watch, whose events `event()` then reads.
    func watch(_ target: String) throws {
        try begin("GET", target, "", type: "application/json", headers: [:])
        let answer = try head()
        try #require(answer.status == 200)
    }

    /// The next event as `TYPE name`; nil at the orderly end of the watch.
    func event() throws -> String? {
        guard let node = try eventNode() else { return nil }
        let object = node["object"]
        let what = object?.text("metadata", "name") ?? object?.text("reason") ?? ""
        return "\(node.text("type") ?? "?") \(what)"
    }

    func eventNode() throws -> Node? {
        let size = Int(try line(), radix: 16) ?? 0
        while pending.count < size + 2 { try receive() }
        defer { pending.removeSubrange(..<(size + 2)) }
        return size == 0 ? nil : try JSONReader.node(pending[..<size])
    }

    func begin(_ method: String, _ target: String, _ body: String, type: String, headers: [String: String]) throws {
        let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        let bytes = Array(
            ("\(method) \(target) HTTP/1.1\r\nHost: api\r\nUser-Agent: plain/1\r\nContent-Type: \(type)\r\n\(fields)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw Ended() }
    }

    private func head() throws -> Answer {
        let start = try line().split(separator: " ")
        var answer = Answer(status: start.count > 1 ? Int(start[1]) ?? 0 : 0, headers: [:], body: [])
        while true {
            let line = try line()
            guard let colon = line.firstIndex(of: ":") else { return answer }
            answer.headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstRange(of: [13, 10])?.lowerBound {
                defer { pending.removeSubrange(..<(end + 2)) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            try receive()
        }
    }

    private func receive() throws {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        var count = recv(descriptor, &bytes, bytes.count, 0)
        // A socket with a time limit is not taken up again by the kernel after a stop of the process.
        while count < 0, errno == EINTR { count = recv(descriptor, &bytes, bytes.count, 0) }
        guard count > 0 else { throw Ended() }
        pending += bytes[..<count]
    }
}

/// A server for the time of a test.
func withAPIServer<R>(_ body: (APIServer) throws -> R) throws -> R {
    let server = try APIServer()
    defer { server.stop() }
    return try body(server)
}

let configMaps = "/api/v1/namespaces/default/configmaps"
let routes = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes"

func configMap(_ name: String, _ more: String = "", labels: String = "") -> String {
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"\(name)\",\"labels\":{\(labels)}}\(more)}"
}

func route(_ name: String, _ more: String = "", metadata: String = "") -> String {
    "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"\(name)\"\(metadata)}\(more)}"
}
