package import ControlHTTP
internal import GatewayAPI
package import Kubernetes
internal import Reactor
internal import TLS

/// Bearer tokens, looked at by the API server (TokenReview). The verdict is kept for a while, so that ten thousand proxies do not
/// put to the API server the load that they were to spare it.
package final class TokenReviewAuthenticator: Authenticator {
    package struct Limits: Sendable {
        /// Nanoseconds that a verdict counts. A token that is revoked is believed this much longer.
        package var acceptedLifetime: UInt64 = 120_000_000_000
        package var refusedLifetime: UInt64 = 10_000_000_000
        /// Verdicts kept.
        package var verdicts = 16_384
        /// Bytes of a token; a longer one is refused without a look. A service account's has about one thousand.
        package var tokenBytes = 4096
        /// Tokens that are looked at or wait for it; requests with others are turned away for the time being.
        package var reviews = 256
        /// Requests that wait for one token's verdict.
        package var waiting = 1024

        package init() {}
    }

    private static let path = "/apis/authentication.k8s.io/v1/tokenreviews"

    private let transport: any APITransport
    private let groups: Set<String>
    private let limits: Limits
    private var verdicts: VerdictCache
    private var waiting: [Digest256: [(Authentication) -> Void]] = [:]

    /// - Parameter groups: users who are in one of them are answered. By default those of all service accounts, whom the role of the
    ///   proxies lets read the same from the API server, and administrators.
    package init(
        transport: any APITransport, groups: Set<String> = ["system:serviceaccounts", "system:masters"],
        limits: Limits = Limits()
    ) {
        self.transport = transport
        self.groups = groups
        self.limits = limits
        verdicts = VerdictCache(capacity: limits.verdicts)
    }

    package func authenticate(_ request: HTTPServerRequest, _ done: @escaping (Authentication) -> Void) {
        guard let token = TokenReviewAuthenticator.token(request) else {
            return done(.refused("a bearer token is needed"))
        }
        guard token.utf8.count <= limits.tokenBytes else {
            return done(.refused("the token is longer than the \(limits.tokenBytes) bytes allowed"))
        }
        guard let digest = Digest256(token.utf8) else { return done(.unavailable("no digest can be made")) }
        if let verdict = verdicts.verdict(digest, now: Clock.now()) { return done(verdict) }
        if let others = waiting[digest]?.count {
            guard others < limits.waiting else { return done(.unavailable("too many requests")) }
            waiting[digest]?.append(done)
            return
        }
        guard waiting.count < limits.reviews else { return done(.unavailable("too many tokens to look at")) }
        waiting[digest] = [done]
        review(token, digest)
    }

    private static func token(_ request: HTTPServerRequest) -> String? {
        guard let value = request.fields["authorization"] else { return nil }
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        let token = words[1].filter { $0 != " " }
        return token.isEmpty ? nil : token
    }

    private func review(_ token: String, _ digest: Digest256) {
        let body: Node = .mapping([
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": .mapping(["token": .string(token)]),
        ])
        transport.send(APIRequest(.post, TokenReviewAuthenticator.path, body: body.json)) { [weak self] result in
            self?.reviewed(digest, result)
        }
    }

    private func reviewed(_ token: Digest256, _ result: Result<APIResponse, APIError>) {
        let verdict = verdict(result)
        switch verdict {
        case .allowed: verdicts.keep(verdict, token, until: Clock.now() &+ limits.acceptedLifetime)
        case .refused, .forbidden: verdicts.keep(verdict, token, until: Clock.now() &+ limits.refusedLifetime)
        case .unavailable: break
        }
        for done in waiting.removeValue(forKey: token) ?? [] { done(verdict) }
    }

    private func verdict(_ result: Result<APIResponse, APIError>) -> Authentication {
        switch result {
        case .failure(let error): return .unavailable("the API server \(error)")
        case .success(let response) where !response.isSuccess:
            return .unavailable("the API server answers TokenReview with \(response.status)")
        case .success(let response):
            guard let status = (try? JSONReader.node(response.body))?["status"] else {
                return .unavailable("the API server's TokenReview has no status")
            }
            guard status["authenticated"]?.boolValue == true else { return .refused("the token is not accepted") }
            let user = status["user"]
            let member = user?["groups"]?.elements.contains { groups.contains($0.stringValue ?? "") } ?? false
            let name = user?["username"]?.stringValue ?? ""
            return member ? .allowed : .forbidden("user \"\(name.prefix(200))\" may not read here")
        }
    }
}
