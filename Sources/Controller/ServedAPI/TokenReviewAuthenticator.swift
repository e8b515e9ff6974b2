package import ControlHTTP
internal import GatewayAPI
package import Kubernetes
internal import Reactor
internal import TLS

/// Bearer tokens, looked at by the API server (TokenReview). The verdict is kept for a while, so that ten thousand
/// proxies do not put to the API server the load that they were to spare it.
///
/// A token has to be made for this API (its audience): one that opens the API server itself is of no use here, and so
/// nobody has reason to show such a one to whoever runs, or impersonates, the controller.
package final class TokenReviewAuthenticator: Authenticator {
    package struct Limits: Sendable {
        /// Nanoseconds that a verdict counts. A token that is revoked is believed this much longer.
        package var acceptedLifetime: UInt64 = 120_000_000_000
        package var refusedLifetime: UInt64 = 10_000_000_000
        /// Verdicts kept. Those on bad tokens, of which everybody can make many, take no room from the others.
        package var accepted = 16_384
        package var refused = 4096
        /// Bytes of a token; a longer one is refused without a look. A service account's has about one thousand.
        package var tokenBytes = 4096
        /// Seconds by which the end of a token may be past when the clocks differ.
        package var clockDifference: Int64 = 60
        /// Tokens looked at at the same time, of all and of one address.
        package var reviewsAtOnce = 4
        package var reviewsAtOncePerPeer = 2
        /// Tokens that wait for it; requests with others are turned away for the time being.
        package var reviews = 256
        package var reviewsPerPeer = 64
        /// Requests that wait for one token's verdict.
        package var waiting = 1024
        /// Addresses that have shown a good token, and for how long (nanoseconds) this is remembered.
        package var trusted = 16_384
        package var trustedLifetime: UInt64 = 3600_000_000_000

        package init() {}

        /// Nanoseconds that the verdict on a good token counts: no longer than the token itself, give or take the
        /// clocks.
        ///
        /// - Parameters:
        ///   - expires: the end that the token says it has; like `now` in seconds since 1970.
        func acceptedLifetime(expires: Int64, now: Int64) -> UInt64 {
            let (end, isFar) = expires.addingReportingOverflow(clockDifference)
            guard !isFar else { return acceptedLifetime }
            // The difference of any two fits the unsigned type.
            let left = end > now ? UInt64(bitPattern: end &- now) : 0
            let (nanoseconds, isLong) = left.multipliedReportingOverflow(by: 1_000_000_000)
            return isLong ? acceptedLifetime : min(acceptedLifetime, nanoseconds)
        }

        var queue: ReviewQueue.Limits {
            ReviewQueue.Limits(
                atOnce: reviewsAtOnce, atOncePerPeer: reviewsAtOncePerPeer, waiting: reviews,
                waitingPerPeer: reviewsPerPeer)
        }
    }

    private static let path = "/apis/authentication.k8s.io/v1/tokenreviews"

    private let transport: any APITransport
    private let audience: String
    private let groups: Set<String>
    private let limits: Limits
    /// Seconds since 1970, which the ends of tokens are compared with.
    private let wallClock: () -> Int64
    /// By the tokens' digests: a secret need not be kept.
    private var accepted: ExpiringCache<Digest256, Authentication>
    private var refused: ExpiringCache<Digest256, Authentication>
    private var trusted: ExpiringCache<SocketAddress, Void>
    private var queue: ReviewQueue
    private var waiting: [Digest256: [(Authentication) -> Void]] = [:]

    /// - Parameters:
    ///   - audience: whom tokens have to be made for.
    ///   - groups: users who are in one of them are answered. By default those of all service accounts, whom the role
    ///     of the proxies lets read the same from the API server, and administrators.
    package init(
        transport: any APITransport, audience: String,
        groups: Set<String> = ["system:serviceaccounts", "system:masters"], limits: Limits = Limits(),
        wallClock: @escaping () -> Int64 = { Int64(clamping: Clock.wallMilliseconds() / 1000) }
    ) {
        self.transport = transport
        self.audience = audience
        self.groups = groups
        self.limits = limits
        self.wallClock = wallClock
        accepted = ExpiringCache(capacity: limits.accepted)
        refused = ExpiringCache(capacity: limits.refused)
        trusted = ExpiringCache(capacity: limits.trusted)
        queue = ReviewQueue(limits: limits.queue)
    }

    package func authenticate(_ request: HTTPServerRequest, _ done: @escaping (Authentication) -> Void) {
        guard let token = TokenReviewAuthenticator.token(request) else {
            return done(.refused("a bearer token for the audience \(audience) is needed"))
        }
        guard token.utf8.count <= limits.tokenBytes else {
            return done(.refused("the token is longer than the \(limits.tokenBytes) bytes allowed"))
        }
        guard let digest = Digest256(token.utf8) else { return done(.unavailable("no digest can be made")) }
        let now = Clock.now()
        if let verdict = accepted.value(digest, now: now) ?? refused.value(digest, now: now) { return done(verdict) }
        if let others = waiting[digest]?.count {
            guard others < limits.waiting else { return done(.unavailable("too many requests")) }
            waiting[digest]?.append(done)
            return
        }
        guard let claims = TokenClaims(token) else {
            return done(.refused("the token is none of a service account (kubectl create token)"))
        }
        if let reason = defect(claims) { return done(.refused(reason)) }
        var peer = request.peer
        peer.port = 0
        look(ReviewQueue.Review(token: token, digest: digest, expires: claims.expires, peer: peer), done)
    }

    /// Why the API server need not be asked.
    private func defect(_ claims: TokenClaims) -> String? {
        guard claims.audiences.contains(audience) else { return "the token is not for the audience \(audience)" }
        let (latest, isFar) = claims.expires.addingReportingOverflow(limits.clockDifference)
        guard isFar || latest > wallClock() else { return "the token's time has ended" }
        return nil
    }

    private static func token(_ request: HTTPServerRequest) -> String? {
        guard let value = request.fields["authorization"] else { return nil }
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        let token = words[1].filter { $0 != " " }
        return token.isEmpty ? nil : token
    }

    // MARK: Reviews

    private func look(_ review: ReviewQueue.Review, _ done: @escaping (Authentication) -> Void) {
        let isTrusted = trusted.value(review.peer, now: Clock.now()) != nil
        switch queue.add(review, isTrusted: isTrusted) {
        case .refused: return done(.unavailable("too many tokens to look at"))
        case .displaces(let other): answer(other, .unavailable("too many tokens to look at"))
        case .waits: break
        }
        waiting[review.digest] = [done]
        beginReviews()
    }

    private func beginReviews() {
        while let review = queue.next() {
            let body: Node = .mapping([
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                "spec": .mapping(["token": .string(review.token), "audiences": [.string(audience)]]),
            ])
            transport.send(APIRequest(.post, TokenReviewAuthenticator.path, body: body.json)) { [weak self] result in
                self?.reviewed(review, result)
            }
        }
    }

    private func reviewed(_ review: ReviewQueue.Review, _ result: Result<APIResponse, APIError>) {
        queue.finish(review.peer)
        let verdict = verdict(result)
        let now = Clock.now()
        switch verdict {
        case .allowed:
            let lifetime = limits.acceptedLifetime(expires: review.expires, now: wallClock())
            accepted.keep(verdict, review.digest, until: now &+ lifetime)
            trusted.keep((), review.peer, until: now &+ limits.trustedLifetime)
        case .refused, .forbidden: refused.keep(verdict, review.digest, until: now &+ limits.refusedLifetime)
        case .unavailable: break
        }
        answer(review.digest, verdict)
        beginReviews()
    }

    private func answer(_ token: Digest256, _ verdict: Authentication) {
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
            return verdict(status)
        }
    }

    private func verdict(_ status: Node) -> Authentication {
        guard status["authenticated"]?.boolValue == true else { return .refused("the token is not accepted") }
        // Who looks at tokens without looking at audiences says none: then the token is one for the API server.
        guard status["audiences"]?.elements.contains(where: { $0.stringValue == audience }) == true else {
            return .refused("the token is not accepted for the audience \(audience)")
        }
        let user = status["user"]
        let member = user?["groups"]?.elements.contains { groups.contains($0.stringValue ?? "") } ?? false
        let name = user?["username"]?.stringValue ?? ""
        return member ? .allowed : .forbidden("user \"\(name.prefix(200))\" may not read here")
    }
}
