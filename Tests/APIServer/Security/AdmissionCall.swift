import Foundation
package import GatewayAPI
import Glibc
import Kubernetes
import TLS

/// Asks an admission webhook as an API server does.
package struct AdmissionCall {
    /// What a webhook said.
    package struct Verdict {
        package var status: Int
        /// The whole AdmissionReview that came back.
        package var review: Node
        package var isAllowed: Bool
        package var message: String?
        /// The object with the webhook's patch.
        package var object: Node
    }

    package struct Failed: Error, CustomStringConvertible {
        package var description: String
    }

    private let port: Int
    private let path: String
    private let context: TLSClientContext
    private let serverName: String

    /// - Parameters:
    ///   - authority: PEM, as in `caBundle`.
    ///   - serverName: the Service's DNS name, which the webhook's certificate is checked against.
    package init(port: Int, path: String, authority: [UInt8], serverName: String) throws {
        self.port = port
        self.path = path
        self.serverName = serverName
        context = try TLSClientContext(roots: .pem(authority), identity: nil)
    }

    /// Reviews an object of a namespace, as on its creation unless told otherwise.
    package func review(
        _ object: Node, resource: String = "pods", namespace: String, operation: String = "CREATE",
        isDryRun: Bool = false
    ) throws -> Verdict {
        let uid = UUID().uuidString.lowercased()
        let parts = (object.text("apiVersion") ?? "v1").split(separator: "/").map(String.init)
        let group = parts.count == 2 ? parts[0] : ""
        let version = parts.last ?? "v1"
        let request: Node = .mapping([
            "uid": .string(uid),
            "kind": .mapping([
                "group": .string(group), "version": .string(version), "kind": .string(object.text("kind") ?? ""),
            ]),
            "resource": .mapping([
                "group": .string(group), "version": .string(version), "resource": .string(resource),
            ]),
            "name": .string(object.text("metadata", "name") ?? ""), "namespace": .string(namespace),
            "operation": .string(operation), "userInfo": .mapping(["username": "test"]), "object": object,
            "oldObject": Node(.null), "dryRun": Node(booleanLiteral: isDryRun),
            "options": .mapping(["kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"]),
        ])
        let question: Node = .mapping([
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request,
        ])
        let (status, body) = try post(question.json)
        let review = try JSONReader.node(body)
        guard let response = review["response"], response.text("uid") == uid else {
            throw Failed(description: "no response to this request: \(String(decoding: body, as: UTF8.self))")
        }
        var patched = object
        if let patch = response.text("patch"), let operations = Data(base64Encoded: patch) {
            guard response.text("patchType") == "JSONPatch" else {
                throw Failed(description: "a patch without its type")
            }
            patched = try object.patched(JSONReader.node(Array(operations)))
        }
        return Verdict(
            status: status, review: review, isAllowed: response["allowed"]?.boolValue ?? false,
            message: response.text("status", "message"), object: patched)
    }

    /// Any bytes as a review.
    package func post(_ body: [UInt8], contentType: String = "application/json") throws -> (status: Int, body: [UInt8])
    {
        let descriptor = try Dialling.connect(port: port)
        let stream: SecureStream
        do {
            stream = try SecureStream(client: context, descriptor: descriptor, serverName: serverName)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        defer { stream.close() }
        if let error = stream.handshake() { throw error }
        let head =
            "POST \(path) HTTP/1.1\r\nHost: \(serverName)\r\nContent-Type: \(contentType)\r\nAccept: application/json\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        guard stream.write(Array(head.utf8) + body) else { throw Failed(description: "the webhook reads no request") }
        return try Dialling.answer(stream)
    }
}

/// The client's side of one exchange that ends with its connection.
enum Dialling {
    /// Seconds that an answer may take, however busy the machine is.
    private static let timeout = APIServer.patience / 1000

    static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let outcome = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else {
            let failure = SocketFailure("connect to port \(port)")
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Everything until the connection's end.
    static func answer(_ stream: some ByteStream) throws -> (status: Int, body: [UInt8]) {
        var bytes: [UInt8] = []
        while let more = stream.read() {
            bytes += more
            if let answer = complete(bytes) { return answer }
        }
        guard let answer = complete(bytes) else { throw AdmissionCall.Failed(description: "an answer cut short") }
        return answer
    }

    private static func complete(_ bytes: [UInt8]) -> (status: Int, body: [UInt8])? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
        guard let length, bytes.count >= end.upperBound + length else { return nil }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, Array(bytes[end.upperBound..<(end.upperBound + length)]))
    }
}
