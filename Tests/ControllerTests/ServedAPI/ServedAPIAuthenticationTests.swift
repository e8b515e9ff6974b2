import ControlHTTP
import GatewayAPI
import HTTP
import Kubernetes
import TLS
import Testing

@testable import Controller

@Suite struct ServedAPIAuthenticationTests {
    /// An API server's TokenReview, of which the test says how it answers.
    private final class Reviewer: APITransport {
        private final class Call: APICall {
            func cancel() {}
        }

        var tokens: [String] = []
        var answers: ((String) -> Result<APIResponse, APIError>)?
        private var waiting: [(Result<APIResponse, APIError>) -> Void] = []

        func send(
            _ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void
        ) -> any APICall {
            let token = (try? JSONReader.node(request.body))?["spec"]?["token"]?.stringValue ?? ""
            tokens.append(token)
            if request.path == "/apis/authentication.k8s.io/v1/tokenreviews", request.method == .post {
                if let answers { done(answers(token)) } else { waiting.append(done) }
            }
            return Call()
        }

        func stream(
            _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
            _ done: @escaping (Result<APIResponse, APIError>) -> Void
        ) -> any APICall { Call() }

        func release(_ result: Result<APIResponse, APIError>) {
            for done in waiting { done(result) }
            waiting = []
        }

        static func review(_ isAuthenticated: Bool, groups: [String] = []) -> Result<APIResponse, APIError> {
            let status: Node = .mapping([
                "authenticated": Node(.bool(isAuthenticated)),
                "user": .mapping(["username": "someone", "groups": .sequence(groups.map { .string($0) })]),
            ])
            return .success(APIResponse(status: 201, body: Node.mapping(["status": status]).json))
        }

        static let proxy = review(true, groups: ["system:serviceaccounts", "system:authenticated"])
    }

    private let reviewer = Reviewer()

    private func fixture(_ change: (inout TokenReviewAuthenticator.Limits) -> Void = { _ in }) throws
        -> ServedAPIFixture
    {
        var limits = TokenReviewAuthenticator.Limits()
        change(&limits)
        return try ServedAPIFixture(authenticator: TokenReviewAuthenticator(transport: reviewer, limits: limits))
    }

    @Test(arguments: ["/api/v1/services", "/apis", "/version", "/api/v1/services?watch=1", "/nonsense"])
    func whoShowsNothingIsRefusedEverywhere(_ path: String) throws {
        let fixture = try fixture()
        let answer = try fixture.get(path)
        #expect(
            answer.status == 401 && answer.reason == "Unauthorized" && answer.fields["www-authenticate"] == "Bearer")
        #expect(reviewer.tokens.isEmpty && fixture.api.counters.refused == 1 && fixture.api.counters.watchers == 0)
    }

    @Test(arguments: ["Basic abc", "Bearer", "Bearer ", "abc"])
    func whatIsNoBearerTokenIsRefused(_ value: String) throws {
        let fixture = try fixture()
        let answer = try fixture.send(HTTPClientRequest(.get, "/api", fields: ["authorization": value]))
        #expect(answer.status == 401 && reviewer.tokens.isEmpty)
    }

    @Test func aGoodTokenIsLookedAtOnce() throws {
        reviewer.answers = { _ in Reviewer.proxy }
        let fixture = try fixture()
        for _ in 0..<3 { #expect(try fixture.get("/api/v1/services", token: "good").status == 200) }
        #expect(reviewer.tokens == ["good"])
    }

    @Test func aBadTokenIsRefusedAndRememberedForAWhile() throws {
        reviewer.answers = { _ in Reviewer.review(false) }
        let fixture = try fixture { $0.refusedLifetime = 0 }
        for _ in 0..<2 { #expect(try fixture.get("/api", token: "bad").status == 401) }
        #expect(reviewer.tokens == ["bad", "bad"])
        let keeping = try self.fixture()
        for _ in 0..<2 { #expect(try keeping.get("/api", token: "worse").status == 401) }
        #expect(reviewer.tokens == ["bad", "bad", "worse"])
    }

    @Test func verdictsDoNotLastForEver() throws {
        reviewer.answers = { _ in Reviewer.proxy }
        let fixture = try fixture { $0.acceptedLifetime = 0 }
        #expect(try fixture.get("/api", token: "t").status == 200)
        reviewer.answers = { _ in Reviewer.review(false) }
        #expect(try fixture.get("/api", token: "t").status == 401)
    }

    @Test func whoMayNotReadTheSameOfTheAPIServerMayNotReadItHere() throws {
        reviewer.answers = { _ in Reviewer.review(true, groups: ["system:authenticated", "developers"]) }
        let answer = try fixture().get("/api/v1/services", token: "human")
        #expect(answer.status == 403 && answer.reason == "Forbidden")
    }

    @Test func whenNobodyCanLookTheAnswerIsToComeAgain() throws {
        let fixture = try fixture()
        reviewer.answers = { _ in .failure(.timedOut) }
        let answer = try fixture.get("/api", token: "t")
        #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
        reviewer.answers = { _ in .success(APIResponse(status: 500, body: [])) }
        #expect(try fixture.get("/api", token: "t").status == 503)
        reviewer.answers = { _ in .success(APIResponse(status: 201, body: Array("nonsense".utf8))) }
        #expect(try fixture.get("/api", token: "t").status == 503)
        // Trouble is not remembered.
        reviewer.answers = { _ in Reviewer.proxy }
        #expect(try fixture.get("/api", token: "t").status == 200)
        #expect(fixture.api.counters.unauthenticated == 3)
    }

    @Test func requestsWithOneTokenWaitForOneReview() throws {
        let fixture = try fixture {
            $0.reviews = 1
            $0.waiting = 3
        }
        var statuses: [Int] = []
        func ask(_ token: String) {
            fixture.client.send(HTTPClientRequest(.get, "/api", fields: ["authorization": "Bearer \(token)"])) {
                statuses.append((try? $0.get().status) ?? 0)
            }
        }
        for _ in 0..<4 { ask("same") }
        ask("other")
        // One too many for the token, and a token too many.
        #expect(fixture.turn { statuses == [503, 503] })
        reviewer.release(Reviewer.proxy)
        #expect(fixture.turn { statuses.count == 5 })
        #expect(statuses == [503, 503, 200, 200, 200] && reviewer.tokens == ["same"])
    }

    @Test func aClientThatLeavesBeforeTheVerdictIsNotKept() throws {
        let fixture = try fixture()
        let call = fixture.client.send(
            HTTPClientRequest(.get, "/api/v1/services?watch=1", fields: ["authorization": "Bearer t"])
        ) { _ in }
        fixture.turn { reviewer.tokens.count == 1 }
        fixture.server.close()
        call.cancel()
        reviewer.release(Reviewer.proxy)
        #expect(fixture.api.counters.watchers == 0)
    }

    @Test func aTokenThatIsTooLongIsRefusedWithoutALook() throws {
        reviewer.answers = { _ in Reviewer.proxy }
        let fixture = try fixture()
        let longest = String(repeating: "t", count: 4096)
        #expect(try fixture.get("/api", token: longest).status == 200)
        #expect(try fixture.get("/api", token: longest + "t").status == 401)
        #expect(reviewer.tokens == [longest])
    }

    @Test func theCacheOfVerdictsIsBounded() throws {
        var cache = VerdictCache(capacity: 10)
        func key(_ text: String) throws -> Digest256 { try #require(Digest256(text.utf8)) }
        for number in 0..<1000 { cache.keep(.allowed, try key("t\(number)"), until: 100) }
        #expect(cache.count == 10)
        let last = try key("t999")
        let dropped = try key("t989")
        #expect(cache.verdict(last, now: 0) == .allowed && cache.verdict(dropped, now: 0) == nil)
        #expect(cache.verdict(last, now: 100) == nil)
        let same = try key("same")
        for _ in 0..<1000 { cache.keep(.allowed, same, until: 100) }
        #expect(cache.count <= 10 && cache.verdict(same, now: 0) == .allowed)
    }
}
