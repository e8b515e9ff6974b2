import Foundation
import GatewayAPI

/// Carries one request out.
struct Handler {
    enum Outcome {
        case response(HTTPResponse)
        case watch(WatchStream)
    }

    let state: Monitor<ServerState>
    let request: HTTPRequest

    func outcome() -> Outcome {
        do throws(APIStatus) {
            try authenticate()
            let kinds = state.read { $0.store.kinds }
            let minor = state.read { $0.profile.minor }
            if let response = Discovery.response(request.path, kinds: kinds, minor: minor) {
                return .response(response)
            }
            if let review = try tokenReview() { return .response(review) }
            guard let target = Target(path: request.path, kinds: kinds) else {
                if Discovery.isBuiltIn(request.path, kinds: kinds) { throw APIStatus.noResource }
                return .response(Discovery.notFound)
            }
            if request.method == "GET", target.name == nil {
                try admitReader()
                return request.flag("watch") ? try watch(target) : .response(try list(target))
            }
            return .response(try object(target))
        } catch {
            return .response(HTTPResponse(error, isPlain: !state.read { $0.profile.hasStatusBodies }))
        }
    }

    private func admitReader() throws(APIStatus) {
        let isRefused = state.change { state in
            defer { state.profile.initialRefusals = max(state.profile.initialRefusals - 1, 0) }
            return state.profile.initialRefusals > 0
        }
        guard isRefused else { return }
        throw APIStatus(
            code: 429, reason: "TooManyRequests", message: "storage is (re)initializing", retryAfter: 1)
    }

    private func authenticate() throws(APIStatus) {
        guard let tokens = state.read({ $0.tokens }) else { return }
        let words = (request.header("authorization") ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer", tokens[String(words[1])] != nil else {
            throw .unauthorized
        }
    }

    private func object(_ target: Target) throws(APIStatus) -> HTTPResponse {
        switch (request.method, target.name) {
        case ("GET", let name?):
            guard let object = state.read({ $0.store.object(target.kind, target.key) }) else {
                throw .notFound(target.kind, name)
            }
            return HTTPResponse(status: 200, body: object.json(apiVersion: target.apiVersion))
        case ("POST", nil), ("PUT", .some), ("PATCH", .some):
            return try write(target)
        case ("DELETE", .some) where target.subresource.isEmpty: return try delete(target)
        case ("DELETE", nil): return try deleteCollection(target)
        default: throw .methodNotAllowed()
        }
    }

    /// What the API server calls itself where a review names no audience.
    private static let ownAudience = "https://kubernetes.default.svc"

    /// Answers a TokenReview by the table of tokens. A token for another audience than is asked about counts as none.
    private func tokenReview() throws(APIStatus) -> HTTPResponse? {
        guard request.method == "POST", request.path == "/apis/authentication.k8s.io/v1/tokenreviews" else {
            return nil
        }
        var review = try JSON.node(request.body)
        let token = review.text("spec", "token") ?? ""
        let user = state.read { $0.reviewedTokens[token] ?? $0.tokens?[token] }
        let asked = review["spec"]?["audiences"]?.elements.compactMap(\.stringValue) ?? [Self.ownAudience]
        let audience = user?.audience ?? Self.ownAudience
        guard let user, asked.contains(audience) else {
            review.set(
                "status", .mapping(["authenticated": false, "user": .mapping([:]), "error": "invalid bearer token"]))
            return HTTPResponse(status: 201, review)
        }
        let groups = user.groups.map { Node.string($0) }
        review.set(
            "status",
            .mapping([
                "authenticated": true, "audiences": [.string(audience)],
                "user": .mapping([
                    "username": .string(user.name), "uid": .string(user.uid), "groups": .sequence(groups),
                ]),
            ]))
        return HTTPResponse(status: 201, review)
    }

    func selector(_ target: Target) throws(APIStatus) -> Selector {
        try Selector(
            namespace: target.namespace, labels: request.parameter("labelSelector"),
            fields: request.parameter("fieldSelector"))
    }
}
