import ControlHTTP
import GatewayAPI
import HTTP
import Kubernetes
import Reactor
import TLS
import Testing

@testable import Controller

/// Whoever reaches the port can show any number of tokens.
@Suite struct TokenFloodTests {
    private let reviewer = TokenReviewer()
    private let authenticator: TokenReviewAuthenticator

    init() {
        authenticator = TokenReviewAuthenticator(transport: reviewer, audience: ServedAPIToken.audience)
    }

    private static func peer(_ number: UInt64, port: UInt16 = 40_000) -> SocketAddress {
        SocketAddress(high: 0, low: 0x0a00_0000 + number, port: port, isIPv6: false)
    }

    private final class Verdicts {
        var all: [Authentication] = []
    }

    private func show(
        _ token: String, from peer: SocketAddress, to authenticator: TokenReviewAuthenticator? = nil
    ) -> Verdicts {
        let verdicts = Verdicts()
        let request = HTTPServerRequest(
            method: .get, path: "/api", query: "", fields: ["authorization": "Bearer \(token)"], body: [], peer: peer)
        (authenticator ?? self.authenticator).authenticate(request) { verdicts.all.append($0) }
        return verdicts
    }

    /// Lets the API server answer until nothing is under way: it accepts those of the name `good`.
    private func answerAll(until isEnough: () -> Bool = { false }) -> Int {
        var rounds = 0
        while reviewer.underWay > 0, !isEnough() {
            let isGood = reviewer.names.suffix(reviewer.underWay).contains("good")
            reviewer.release(isGood ? TokenReviewer.proxy : TokenReviewer.review(false))
            rounds += 1
        }
        return rounds
    }

    @Test func tenThousandBadTokensOfOneAddressKeepNoOtherAddressWaiting() {
        let bad = (0..<10_000).map { number in
            show(ServedAPIToken.make("bad-\(number)"), from: Self.peer(1, port: UInt16(20_000 + number)))
        }
        let turnedAway = bad.count { $0.all == [.unavailable("too many tokens to look at")] }
        #expect(turnedAway == 10_000 - 64 - 2, "the address has its own share of the queue and of the reviews")
        #expect(reviewer.underWay == 2)
        let good = show(ServedAPIToken.make("good"), from: Self.peer(2))
        #expect(reviewer.names.last == "good", "a review is left for it, at once")
        reviewer.release(TokenReviewer.proxy)
        #expect(good.all == [.allowed])
    }

    @Test func aNewAddressGetsItsTurnWhileMoreAddressesThanReviewsFlood() {
        for number in 0..<1000 { _ = show(ServedAPIToken.make("bad-\(number)"), from: Self.peer(UInt64(number % 8))) }
        let good = show(ServedAPIToken.make("good"), from: Self.peer(100))
        #expect(good.all.isEmpty, "it waits, in the place of one of those who wait with many")
        #expect(answerAll { !good.all.isEmpty } <= 4)
        #expect(good.all == [.allowed])
    }

    @Test func anAddressThatIsKnownIsHeardWhileAnyNumberOfStrangersFlood() {
        reviewer.answers = { _ in TokenReviewer.proxy }
        #expect(show(ServedAPIToken.make("first"), from: Self.peer(1)).all == [.allowed])
        reviewer.answers = nil
        for number in 0..<1000 {
            _ = show(ServedAPIToken.make("bad-\(number)"), from: Self.peer(UInt64(100 + number)))
        }
        // The same token needs no look, and the next one of the same address, as after an hour, is looked at soon.
        #expect(show(ServedAPIToken.make("stranger"), from: Self.peer(50)).all.count == 1)
        let good = show(ServedAPIToken.make("good"), from: Self.peer(1))
        #expect(answerAll { !good.all.isEmpty } <= 2)
        #expect(good.all == [.allowed])
    }

    @Test func badTokensTakeNoRoomFromGoodVerdicts() {
        var limits = TokenReviewAuthenticator.Limits()
        limits.accepted = 20
        limits.refused = 20
        let authenticator = TokenReviewAuthenticator(
            transport: reviewer, audience: ServedAPIToken.audience, limits: limits)
        reviewer.answers = { _ in TokenReviewer.proxy }
        let token = ServedAPIToken.make("good")
        _ = show(token, from: Self.peer(1), to: authenticator)
        reviewer.answers = { _ in TokenReviewer.review(false) }
        for number in 0..<100 { _ = show(ServedAPIToken.make("bad-\(number)"), from: Self.peer(2), to: authenticator) }
        #expect(show(token, from: Self.peer(1), to: authenticator).all == [.allowed])
        #expect(reviewer.tokens.count == 101 && reviewer.tokens.count { $0 == token } == 1)
    }
}

@Suite struct ReviewQueueTests {
    private static func review(_ name: String, _ peer: UInt64) throws -> ReviewQueue.Review {
        ReviewQueue.Review(
            token: name, digest: try #require(Digest256(name.utf8)), expires: 0,
            peer: SocketAddress(high: 0, low: peer, port: 0, isIPv6: false))
    }

    private func queue(atOnce: Int = 1, perPeer: Int = 1, waiting: Int = 100, each: Int = 100) -> ReviewQueue {
        ReviewQueue(
            limits: ReviewQueue.Limits(
                atOnce: atOnce, atOncePerPeer: perPeer, waiting: waiting, waitingPerPeer: each))
    }

    /// Takes all, each looked at before the next.
    private func drain(_ queue: inout ReviewQueue) -> [String] {
        var names: [String] = []
        while let review = queue.next() {
            names.append(review.token)
            queue.finish(review.peer)
        }
        return names
    }

    /// Takes as many as may be looked at now.
    private func take(_ queue: inout ReviewQueue) -> [String] {
        var names: [String] = []
        while let review = queue.next() { names.append(review.token) }
        return names
    }

    @Test func addressesTakeTurns() throws {
        var queue = queue()
        for name in ["a1", "a2", "a3"] { #expect(queue.add(try Self.review(name, 1), isTrusted: false) == .waits) }
        for name in ["b1", "b2"] { #expect(queue.add(try Self.review(name, 2), isTrusted: false) == .waits) }
        #expect(drain(&queue) == ["a1", "b1", "a2", "b2", "a3"])
        #expect(queue.waiting == 0 && take(&queue) == [])
    }

    @Test func everyOtherTurnIsOfThoseWhoAreKnown() throws {
        var queue = queue()
        for name in ["a1", "b1", "c1"] {
            _ = queue.add(try Self.review(name, UInt64(name.utf8.first ?? 0)), isTrusted: false)
        }
        for name in ["k1", "k2"] { _ = queue.add(try Self.review(name, 1), isTrusted: true) }
        #expect(drain(&queue) == ["k1", "a1", "k2", "b1", "c1"])
    }

    @Test func noAddressHasMoreThanItsShareUnderWay() throws {
        var queue = queue(atOnce: 3, perPeer: 2)
        for name in ["a1", "a2", "a3"] { _ = queue.add(try Self.review(name, 1), isTrusted: false) }
        #expect(take(&queue) == ["a1", "a2"])
        _ = queue.add(try Self.review("b1", 2), isTrusted: false)
        _ = queue.add(try Self.review("c1", 3), isTrusted: false)
        #expect(take(&queue) == ["b1"], "all are under way")
        queue.finish(try Self.review("a1", 1).peer)
        #expect(take(&queue).count == 1)
    }

    @Test func whenThereIsNoRoomTheLongestLineLosesItsLast() throws {
        var queue = queue(waiting: 4, each: 3)
        for name in ["a1", "a2", "a3"] { _ = queue.add(try Self.review(name, 1), isTrusted: false) }
        #expect(queue.add(try Self.review("a4", 1), isTrusted: false) == .refused, "its own share")
        #expect(queue.add(try Self.review("b1", 2), isTrusted: false) == .waits)
        let last = try Self.review("a3", 1).digest
        #expect(queue.add(try Self.review("c1", 3), isTrusted: false) == .displaces(last))
        #expect(queue.add(try Self.review("b2", 2), isTrusted: false) == .refused, "its line would be as long")
        // Those who are known come before strangers, even before those with a single one.
        let second = try Self.review("a2", 1).digest
        #expect(queue.add(try Self.review("k1", 9), isTrusted: true) == .displaces(second))
        for name in ["l1", "m1", "n1"] {
            let peer = UInt64(name.utf8.first ?? 0)
            guard case .displaces = queue.add(try Self.review(name, peer), isTrusted: true) else {
                Issue.record("\(name) is not let in")
                continue
            }
        }
        #expect(queue.add(try Self.review("d1", 4), isTrusted: false) == .refused, "never the other way round")
        #expect(queue.add(try Self.review("o1", 10), isTrusted: true) == .refused, "all have one")
        #expect(drain(&queue) == ["k1", "l1", "m1", "n1"] && queue.waiting == 0)
    }
}

@Suite struct TokenClaimsTests {
    /// `{"aud":"x","exp":5}` and the like, as the middle part.
    private static func token(_ claims: String) -> String {
        "h."
            + Base64.encode(Array(claims.utf8)).filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : "\($0)" }
            .joined() + ".s"
    }

    @Test func anAudienceIsOneOrMany() {
        #expect(TokenClaims(Self.token(#"{"aud":"x","exp":5}"#))?.audiences == ["x"])
        #expect(TokenClaims(Self.token(#"{"aud":["x","y"],"exp":5}"#))?.audiences == ["x", "y"])
        #expect(
            TokenClaims(Self.token(#"{"aud":[1],"exp":5.9,"x":"??>~"}"#)).map {
                $0.audiences.isEmpty && $0.expires == 5
            } == true)
    }

    @Test(arguments: [
        #"{"aud":"x"}"#, #"{"exp":5}"#, #"{"aud":"x","exp":"5"}"#, #"{"aud":"x","exp":1e300}"#, "[]", "{", "",
    ])
    func whatSaysNeitherAudienceNorEndIsNone(_ claims: String) {
        #expect(TokenClaims(Self.token(claims)) == nil)
    }

    @Test func partsAreThreeInTheAlphabetOfTokens() {
        let token = Self.token(#"{"aud":"x","exp":5}"#)
        #expect(TokenClaims(token) != nil)
        for wrong in [
            "", ".", "..", "...", token + ".s", "." + token, token + "!", token + "=", "h" + token.dropFirst(1) + " ",
        ] {
            #expect(TokenClaims(wrong) == nil, "\(wrong)")
        }
    }

    @Test func noTextBreaksIt() {
        var random = SplitMix64(seed: 1)
        let alphabet = Array("abcXYZ019-_.{}\":,[]=".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = TokenClaims(text)
            _ = TokenClaims(Self.token(text))
        }
    }
}
