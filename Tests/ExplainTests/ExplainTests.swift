import Explain
import GatewayAPI
import Testing

@Suite struct ExplainTests {
    @Test func aDelegatedRequestNamesItsChainRuleMatchTimeoutsAndShares() throws {
        let found = try World.explain(
            World.edge, "POST", "http://shop.example.com/payments/charge/7?x=1", headers: ["x-tenant: a"])
        #expect(found.outcome == .mixed)
        #expect(found.frontend?.listener == "http")
        let rule = try #require(found.rule)
        #expect(rule.chain.map(\.description) == ["infra/root", "payments/charge"])
        #expect(rule.index == 0)
        #expect(rule.requestTimeout == 2000)
        #expect(rule.match?.conditions == ["path PathPrefix /payments/charge", "method POST", "header x-tenant = a"])
        #expect(rule.match?.hostnames == ["shop.example.com"])
        #expect(found.backends.map(\.percent) == [75, 25])
        #expect(found.backends[0].endpoints == ["10.0.0.1:9000"])
        #expect(found.backends[0].target == "/v2/7?x=1")
        #expect(found.backends[1].result == .answered(status: 500, reason: "Service payments/missing does not exist"))
        // The other rule's missing backend has no say in this answer.
        #expect(found.problems.map(\.field) == ["spec.rules[0].backendRefs[1]"])
    }

    @Test func a404NamesTheNearestRulesAndEachConditionThatFailed() throws {
        let found = try World.explain(
            World.edge, "GET", "http://shop.example.com/payments/charge", headers: ["x-tenant: b"])
        // The root's own match is covered by its children, so nothing broader answers.
        #expect(found.outcome == .answered(status: 404, reason: "no route matches this request"))
        let charge = try #require(found.nearest.first)
        #expect(charge.rule == 0)
        #expect(charge.chain.map(\.description) == ["infra/root", "payments/charge"])
        #expect(charge.failures.map(\.condition) == ["method", "header"])
        #expect(charge.failures[1].found == "the request has \"b\"")
    }

    @Test func pathHintsSayWhatIsBehindANearMiss() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/payments/idler")
        let idle = try #require(found.nearest.first { $0.rule == 1 })
        #expect(idle.failures.map(\.condition) == ["path"])
        #expect(idle.failures[0].wanted == "PathPrefix /payments/idle")
        #expect(idle.failures[0].found == "the request's is /payments/idler (a prefix covers whole path elements)")
    }

    @Test func aHostThatNoListenerTakesIs404WithTheListeners() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.test/")
        #expect(found.outcome == .answered(status: 404, reason: "no listener on port 80 takes this host"))
        #expect(found.reasons == ["host shop.test is covered by none of: http (*.example.com)"])
    }

    @Test func aHostThatTheListenerTakesAndNoRouteIsAFailedHostname() throws {
        let found = try World.explain(World.edge, "GET", "http://other.example.com/old")
        #expect(found.nearest.first?.failures.map(\.condition) == ["hostname"])
    }

    @Test func aRedirectShowsItsLocation() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/old/a?b")
        #expect(found.outcome == .redirected(status: 301, location: "http://shop.example.com/new/a?b"))
        #expect(found.rule?.name == "old")
    }

    @Test func aBackendThatDoesNotExistIs500WithTheReason() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/payments/broken")
        #expect(found.outcome == .answered(status: 500, reason: "Service payments/missing does not exist"))
    }

    @Test func aParentThatFailsForItsChildShowsWhatTheChildWrote() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/typo/a")
        #expect(found.outcome == .answered(status: 500, reason: "no match of a child lies inside this rule's"))
        #expect(found.problems.contains { $0.object == "HTTPRoute orders/typo" && $0.message.contains("RE2") })
    }

    @Test func aBackendWithoutReadyEndpointsIs503AndSaysHowManyAreListed() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/payments/idle")
        #expect(found.outcome == .answered(status: 503, reason: "no ready endpoint: 1 listed, none ready"))
    }

    @Test func consumerRoutesReplaceProducerRoutesForTheirNamespaceOnly() throws {
        let producer = try World.explain(World.service("charge", 8080), "GET", "/charge")
        #expect(producer.outcome == .forwarded)
        #expect(producer.frontend?.routes == "producer")
        let consumer = try World.explain(World.service("charge", 8080, from: "web"), "GET", "/charge")
        #expect(consumer.outcome == .answered(status: 404, reason: "no route matches this request"))
        #expect(consumer.frontend?.routes == "consumer")
        let other = try World.explain(World.service("charge", 8080, from: "web"), "GET", "/other")
        #expect(other.rule?.chain.map(\.description) == ["web/consumer"])
    }

    @Test func aServiceWithoutRoutesIsForwardedAsItIs() throws {
        let found = try World.explain(World.service("idle", 80), "GET", "/")
        #expect(found.frontend?.isRouted == false)
        #expect(found.backends.count == 1)
    }

    @Test func aPortOfAnotherProtocolIsPassedAsBytes() throws {
        #expect(try World.explain(World.service("db", 5432), "GET", "/").outcome == .passedAsBytes)
    }

    @Test func whatDoesNotExistIsNoFrontend() throws {
        let port = try World.explain(World.edge, "GET", "http://shop.example.com:8080/")
        #expect(!port.hasFrontend)
        #expect(port.text.contains("its listeners serve port 80"))
        #expect(!(try World.explain(World.service("nobody", 80), "GET", "/").hasFrontend))
        #expect(try World.explain(World.service("idle", 81), "GET", "/").text.contains("it has 80/TCP"))
    }

    @Test func whatTheProxyRefusesIsRefusedHere() throws {
        let climbing = try World.explain(World.edge, "GET", "http://shop.example.com/a/../../b")
        #expect(climbing.outcome == .answered(status: 400, reason: "the path cannot be normalised safely"))
        let hostless = try World.explain(World.edge, "GET", "/payments")
        #expect(hostless.outcome == .answered(status: 400, reason: "the Host field is missing"))
        let normal = try World.explain(World.edge, "GET", "http://shop.example.com/payments//x/../idle")
        #expect(normal.rule?.index == 1)
    }

    @Test func everyOutcomeHasTextAndJSONWithTheSameFacts() throws {
        let found = try World.explain(World.edge, "GET", "http://shop.example.com/payments/idle")
        #expect(found.text.contains("Answer     503 by Weir: no ready endpoint"))
        let json = found.json.text()
        #expect(json.contains("\"outcome\": \"answered\""))
        #expect(json.contains("\"status\": 503"))
        #expect(json.contains("\"chain\": [\n      \"infra/root\",\n      \"payments/charge\"\n    ]"))
    }
}

@Suite struct ExplainedRequestTests {
    @Test func aHostLineWinsOverTheURL() throws {
        let request = try ExplainedRequest(method: "GET", url: "http://a.test:81/x?y#z", headers: ["Host: b.test"])
        #expect(request.authority == "b.test")
        #expect(request.port == 81)
        #expect(request.target == "/x?y")
    }

    @Test func anIPv6LiteralKeepsItsColons() throws {
        #expect(try ExplainedRequest(method: "GET", url: "http://[::1]/", headers: []).port == 80)
        #expect(try ExplainedRequest(method: "GET", url: "http://[::1]:8080", headers: []).port == 8080)
    }

    @Test func anHTTPSURLHasItsOwnPortAndAsksForItsHost() throws {
        let request = try ExplainedRequest(method: "GET", url: "HTTPS://a.test/x", headers: ["Host: b.test"])
        #expect(request.isTLS)
        #expect((request.port, request.target, request.authority) == (443, "/x", "b.test"))
        #expect(try ExplainedRequest(method: "GET", url: "https://a.test:8443", headers: []).port == 8443)
        #expect(!(try ExplainedRequest(method: "GET", url: "http://a.test:443/", headers: []).isTLS))
    }

    @Test(arguments: ["https:///", "ftp://a/", "a/b", "http:///x", "http://a:0/", "http://a:x/", "/a b"])
    func whatIsNoURLIsAMistake(url: String) {
        #expect(throws: ExplainedRequest.Mistake.self) { try ExplainedRequest(method: "GET", url: url, headers: []) }
    }

    @Test(arguments: ["novalue", ": x", "a: b\r\nc: d"])
    func whatIsNoHeaderIsAMistake(header: String) {
        #expect(throws: ExplainedRequest.Mistake.self) {
            try ExplainedRequest(method: "GET", url: "/", headers: [header])
        }
    }
}
