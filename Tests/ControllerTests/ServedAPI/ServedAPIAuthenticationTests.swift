import ControlHTTP
import GatewayAPI
import HTTP
import Kubernetes
import Reactor
import TLS
import Testing

@testable import Controller

@Suite struct ServedAPIAuthenticationTests {
    private let reviewer = TokenReviewer()

    private func fixture(_ change: (inout TokenReviewAuthenticator.Limits) -> Void = { _ in }) throws
        -> ServedAPIFixture
    {
        var limits = TokenReviewAuthenticator.Limits()
        change(&limits)
        return try ServedAPIFixture(
            authenticator: TokenReviewAuthenticator(
                transport: reviewer, audience: ServedAPIToken.audience, limits: limits))
    }

    private func token(_ name: String) -> String { ServedAPIToken.make(name) }

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
        reviewer.answers = { _ in TokenReviewer.proxy }
        let fixture = try fixture()
        for _ in 0..<3 { #expect(try fixture.get("/api/v1/services", token: token("good")).status == 200) }
        #expect(reviewer.names == ["good"])
    }

    @Test func aBadTokenIsRefusedAndRememberedForAWhile() throws {
        reviewer.answers = { _ in TokenReviewer.review(false) }
        let fixture = try fixture { $0.refusedLifetime = 0 }
        for _ in 0..<2 { #expect(try fixture.get("/api", token: token("bad")).status == 401) }
        #expect(reviewer.names == ["bad", "bad"])
        let keeping = try self.fixture { $0.refusedLifetime = 3_600_000_000_000 }
        for _ in 0..<2 { #expect(try keeping.get("/api", token: token("worse")).status == 401) }
        #expect(reviewer.names == ["bad", "bad", "worse"])
    }

    @Test func verdictsDoNotLastForEver() throws {
        reviewer.answers = { _ in TokenReviewer.proxy }
        let fixture = try fixture { $0.acceptedLifetime = 0 }
        #expect(try fixture.get("/api", token: token("t")).status == 200)
        reviewer.answers = { _ in TokenReviewer.review(false) }
        #expect(try fixture.get("/api", token: token("t")).status == 401)
    }

    @Test func whoMayNotReadTheSameOfTheAPIServerMayNotReadItHere() throws {
        reviewer.answers = { _ in TokenReviewer.review(true, groups: ["system:authenticated", "developers"]) }
        let answer = try fixture().get("/api/v1/services", token: token("human"))
        #expect(answer.status == 403 && answer.reason == "Forbidden")
    }

    @Test func whenNobodyCanLookTheAnswerIsToComeAgain() throws {
        let fixture = try fixture()
        reviewer.answers = { _ in .failure(.timedOut) }
        let answer = try fixture.get("/api", token: token("t"))
        #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
        reviewer.answers = { _ in .success(APIResponse(status: 500, body: [])) }
        #expect(try fixture.get("/api", token: token("t")).status == 503)
        reviewer.answers = { _ in .success(APIResponse(status: 201, body: Array("nonsense".utf8))) }
        #expect(try fixture.get("/api", token: token("t")).status == 503)
        // Trouble is not remembered.
        reviewer.answers = { _ in TokenReviewer.proxy }
        #expect(try fixture.get("/api", token: token("t")).status == 200)
        #expect(fixture.api.counters.unauthenticated == 3)
    }

    @Test func requestsWithOneTokenWaitForOneReview() throws {
        let fixture = try fixture {
            $0.reviewsAtOnce = 1
            $0.reviews = 1
            $0.waiting = 3
        }
        var statuses: [Int] = []
        func ask(_ name: String) {
            fixture.client.send(HTTPClientRequest(.get, "/api", fields: ["authorization": "Bearer \(token(name))"])) {
                statuses.append((try? $0.get().status) ?? 0)
            }
        }
        for _ in 0..<4 { ask("same") }
        ask("next")
        ask("other")
        // One too many for the token, and a token too many.
        #expect(fixture.turn { statuses == [503, 503] })
        reviewer.release(TokenReviewer.proxy)
        #expect(fixture.turn { statuses.count == 5 && reviewer.names == ["same", "next"] })
        reviewer.release(TokenReviewer.proxy)
        #expect(fixture.turn { statuses.count == 6 })
        #expect(statuses == [503, 503, 200, 200, 200, 200])
    }

    @Test func aClientThatLeavesBeforeTheVerdictIsNotKept() throws {
        let fixture = try fixture()
        let call = fixture.client.send(
            HTTPClientRequest(.get, "/api/v1/services?watch=1", fields: ["authorization": "Bearer \(token("t"))"])
        ) { _ in }
        fixture.turn { reviewer.tokens.count == 1 }
        fixture.server.close()
        call.cancel()
        reviewer.release(TokenReviewer.proxy)
        #expect(fixture.api.counters.watchers == 0)
    }

    @Test func aTokenThatIsTooLongIsRefusedWithoutALook() throws {
        reviewer.answers = { _ in TokenReviewer.proxy }
        let fixture = try fixture()
        let longest = ServedAPIToken.make("long", bytes: 4096)
        #expect(longest.utf8.count == 4096)
        #expect(try fixture.get("/api", token: longest).status == 200)
        #expect(try fixture.get("/api", token: longest + "t").status == 401)
        #expect(reviewer.tokens == [longest])
    }

    @Test func theAPIServerIsAskedAboutThisAudienceAndHasToNameIt() throws {
        for audiences in [nil, [], ["https://kubernetes.default.svc"]] as [[String]?] {
            reviewer.answers = { _ in
                TokenReviewer.review(true, groups: ["system:serviceaccounts"], audiences: audiences)
            }
            #expect(try fixture().get("/api", token: token("t")).status == 401, "\(audiences ?? ["none said"])")
        }
        reviewer.answers = { _ in TokenReviewer.proxy }
        #expect(try fixture().get("/api", token: token("t")).status == 200)
        #expect(reviewer.audiences == Array(repeating: [ServedAPIToken.audience], count: 4))
    }

    @Test func tokensThatNobodyWouldAcceptAreRefusedWithoutALook() throws {
        let fixture = try fixture()
        let tokens = [
            "opaque", "a.b", "a.e30.c", ServedAPIToken.make("t", audiences: ["https://kubernetes.default.svc"]),
            ServedAPIToken.make("t", audiences: []), ServedAPIToken.make("t", seconds: -61), token("t") + ".x",
            token("t") + "=",
        ]
        for token in tokens { #expect(try fixture.get("/api", token: token).status == 401, "\(token)") }
        #expect(reviewer.tokens.isEmpty)
    }

    @Test func aVerdictDoesNotOutliveItsToken() throws {
        var limits = TokenReviewAuthenticator.Limits()
        limits.clockDifference = 0
        var now = Int64(Clock.wallMilliseconds() / 1000)
        let fixture = try ServedAPIFixture(
            authenticator: TokenReviewAuthenticator(
                transport: reviewer, audience: ServedAPIToken.audience, limits: limits, wallClock: { now }))
        let token = token("t")
        // The token's time ends while it is looked at, so that there is nothing left to keep.
        reviewer.answers = { _ in
            now += 3700
            return TokenReviewer.proxy
        }
        #expect(try fixture.get("/api", token: token).status == 200)
        #expect(try fixture.get("/api", token: token).status == 401)
        #expect(reviewer.tokens == [token])
    }

    @Test func aVerdictLastsAsLongAsTheTokenAndNoLongerThanTheLimit() {
        var limits = TokenReviewAuthenticator.Limits()
        limits.acceptedLifetime = 120_000_000_000
        limits.clockDifference = 60
        let now: Int64 = 1_800_000_000
        let second: UInt64 = 1_000_000_000
        for (left, lifetime) in [(-61, 0), (-60, 0), (-59, 1), (0, 60), (59, 119), (60, 120), (61, 120), (3600, 120)] {
            let found = limits.acceptedLifetime(expires: now + Int64(left), now: now)
            #expect(found == UInt64(lifetime) * second, "\(left) seconds before its end")
        }
        for (expires, now) in [(Int64.max, now), (.max, .min), (.max - 60, .min)] as [(Int64, Int64)] {
            #expect(limits.acceptedLifetime(expires: expires, now: now) == limits.acceptedLifetime)
        }
        #expect(limits.acceptedLifetime(expires: .min, now: .max) == 0)
    }

    @Test func theCacheOfVerdictsIsBounded() throws {
        var cache = ExpiringCache<Digest256, Authentication>(capacity: 10)
        func key(_ text: String) throws -> Digest256 { try #require(Digest256(text.utf8)) }
        for number in 0..<1000 { cache.keep(.allowed, try key("t\(number)"), until: 100) }
        #expect(cache.count == 10)
        let last = try key("t999")
        let dropped = try key("t989")
        #expect(cache.value(last, now: 0) == .allowed && cache.value(dropped, now: 0) == nil)
        #expect(cache.value(last, now: 100) == nil)
        let same = try key("same")
        for _ in 0..<1000 { cache.keep(.allowed, same, until: 100) }
        #expect(cache.count <= 10 && cache.value(same, now: 0) == .allowed)
    }
}
