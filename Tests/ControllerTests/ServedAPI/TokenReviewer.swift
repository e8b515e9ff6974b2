import Foundation
import GatewayAPI
import HTTP
import Kubernetes
import Testing

@testable import Controller

/// An API server's TokenReview, of which the test says how it answers.
final class TokenReviewer: APITransport {
    private final class Call: APICall {
        func cancel() {}
    }

    let reconnection = Reconnection()
    /// What was asked, in order.
    private(set) var tokens: [String] = []
    private(set) var audiences: [[String]] = []
    /// Answers at once; nil lets requests wait for `release`.
    var answers: ((String) -> Result<APIResponse, APIError>)?
    private var waiting: [(Result<APIResponse, APIError>) -> Void] = []

    /// The names of the tokens asked about.
    var names: [String] { tokens.map(ServedAPIToken.name) }
    var underWay: Int { waiting.count }

    func send(_ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void) -> any APICall {
        guard request.path == "/apis/authentication.k8s.io/v1/tokenreviews", request.method == .post else {
            Issue.record("\(request.path) is asked for")
            return Call()
        }
        let spec = (try? JSONReader.node(request.body))?["spec"]
        let token = spec?["token"]?.stringValue ?? ""
        tokens.append(token)
        audiences.append(spec?["audiences"]?.elements.compactMap(\.stringValue) ?? [])
        if let answers { done(answers(token)) } else { waiting.append(done) }
        return Call()
    }

    func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall { Call() }

    /// Answers those that wait; others come in their place.
    func release(_ result: Result<APIResponse, APIError>) {
        let all = waiting
        waiting = []
        for done in all { done(result) }
    }

    /// - Parameter audiences: nil leaves the field out, as an authenticator does that knows of none.
    static func review(
        _ isAuthenticated: Bool, groups: [String] = [], audiences: [String]? = [ServedAPIToken.audience]
    ) -> Result<APIResponse, APIError> {
        var status: Node = .mapping([
            "authenticated": Node(.bool(isAuthenticated)),
            "user": .mapping(["username": "someone", "groups": .sequence(groups.map { .string($0) })]),
        ])
        status.set("audiences", audiences.map { .sequence($0.map { .string($0) }) })
        return .success(APIResponse(status: 201, body: Node.mapping(["status": status]).json))
    }

    static let proxy = review(true, groups: ["system:serviceaccounts", "system:authenticated"])
}

/// Tokens as service accounts have them, but for the signature.
enum ServedAPIToken {
    static let audience = "weir.dev/fan-out"

    /// - Parameters:
    ///   - seconds: until its end.
    ///   - bytes: how long it becomes by its signature; nil: as it comes.
    static func make(
        _ name: String, audiences: [String] = [audience], seconds: Int = 3600, bytes: Int? = nil
    ) -> String {
        let end = Int64(Date().timeIntervalSince1970) + Int64(seconds)
        let claims: Node = .mapping([
            "aud": .sequence(audiences.map { .string($0) }), "exp": .integer(end), "sub": .string(name),
        ])
        let head = part(Node.mapping(["alg": "RS256"]).json) + "." + part(claims.json) + "."
        let room = max((bytes ?? 0) - head.utf8.count, 16)
        return head + String(repeating: "s", count: room)
    }

    static func name(_ token: String) -> String {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return token }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let claims = Data(base64Encoded: text).flatMap { try? JSONReader.node(Array($0)) }
        return claims?["sub"]?.stringValue ?? token
    }

    private static func part(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
