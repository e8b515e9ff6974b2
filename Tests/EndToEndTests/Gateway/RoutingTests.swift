import Testing

/// Which rule answers a request, and what it does to it: asked of a running gateway.
@Suite struct RoutingTests {
    @Test func pathPrefixesExactPathsAndTheLongestMatchDecide() throws {
        let (one, two, three) = (
            try TestBackend(script: TestBackend.answers("one")), try TestBackend(script: TestBackend.answers("two")),
            try TestBackend(script: TestBackend.answers("three"))
        )
        defer { one.close(); two.close(); three.close() }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("one", endpoints: [one.port]),
            Manifest.service("two", endpoints: [two.port]), Manifest.service("three", endpoints: [three.port]),
            Manifest.route(
                "web",
                """
                - matches: [{path: {type: PathPrefix, value: /a}}]
                  backendRefs: [{name: one, port: 80}]
                - matches: [{path: {type: PathPrefix, value: /a/b}}]
                  backendRefs: [{name: two, port: 80}]
                - matches: [{path: {type: Exact, value: /a/b/c}}]
                  backendRefs: [{name: three, port: 80}]
                """))
        defer { gateway.stop() }
        #expect(try gateway.get("/a").text == "one")
        #expect(try gateway.get("/a/x?q=1").text == "one")
        #expect(try gateway.get("/a/b/").text == "two")
        #expect(try gateway.get("/a/b/c").text == "three")
        let missing = try gateway.get("/ab")
        #expect(missing.status == 404)
        #expect(missing["server"] == "weir")
        #expect(missing.text == "no route matches this request\n")
        try gateway.counts(1, "weir_requests_total", "flag=\"no_route\"")
    }

    @Test func regularExpressionsHeadersQueriesAndMethodsMatch() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - matches: [{path: {type: RegularExpression, value: "/v[0-9]+/items"}}]
                  backendRefs: [{name: app, port: 80}]
                - matches: [{path: {value: /h}, headers: [{name: X-Team, value: blue}]}]
                  backendRefs: [{name: app, port: 80}]
                - matches: [{path: {value: /q}, queryParams: [{name: v, value: "2"}]}]
                  backendRefs: [{name: app, port: 80}]
                - matches: [{path: {value: /m}, method: DELETE}]
                  backendRefs: [{name: app, port: 80}]
                """)
        defer { gateway.stop() }
        #expect(try gateway.get("/v12/items").status == 200)
        #expect(try gateway.get("/v12/items/7").status == 404)
        #expect(try gateway.get("/h", "x-team: blue").status == 200)
        #expect(try gateway.get("/h", "x-team: red").status == 404)
        #expect(try gateway.get("/q?v=2").status == 200)
        #expect(try gateway.get("/q?v=3").status == 404)
        #expect(try gateway.connect().exchange("DELETE /m HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(try gateway.get("/m").status == 404)
    }

    @Test func hostnamesOfListenersAndRoutesChooseTheRoute() throws {
        let (shop, any) = (
            try TestBackend(script: TestBackend.answers("shop")), try TestBackend(script: TestBackend.answers("any"))
        )
        defer { shop.close(); any.close() }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(
                """
                - {name: wild, protocol: HTTP, port: 80, hostname: "*.test"}
                - {name: alt, protocol: HTTP, port: 8080}
                """),
            Manifest.service("shop", endpoints: [shop.port]), Manifest.service("any", endpoints: [any.port]),
            Manifest.route("shop", hostnames: "[shop.test]", Manifest.everything(to: "shop")),
            Manifest.route("any", Manifest.everything(to: "any")))
        defer { gateway.stop() }
        #expect(try gateway.get("/", host: "shop.test").text == "shop")
        #expect(try gateway.get("/", host: "SHOP.test:80").text == "shop")
        #expect(try gateway.get("/", host: "other.test").text == "any")
        #expect(try gateway.get("/", host: "other.example").status == 404)
        #expect(try gateway.connect(port: gateway.ports.second).get("/", host: "other.example").text == "any")
    }

    @Test func weightsShareTheRequestsAndWeightZeroGetsNone() throws {
        let (many, few, none) = (
            try TestBackend(script: TestBackend.answers("many")), try TestBackend(script: TestBackend.answers("few")),
            try TestBackend(script: TestBackend.answers("none"))
        )
        defer { many.close(); few.close(); none.close() }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("many", endpoints: [many.port]),
            Manifest.service("few", endpoints: [few.port]), Manifest.service("none", endpoints: [none.port]),
            Manifest.route(
                "web",
                """
                - backendRefs:
                  - {name: none, port: 80, weight: 0}
                  - {name: many, port: 80, weight: 90}
                  - {name: few, port: 80, weight: 10}
                """))
        defer { gateway.stop() }
        let stream = try gateway.connect()
        var counts: [String: Int] = [:]
        for _ in 0..<1000 { counts[try stream.get("/").text, default: 0] += 1 }
        #expect(counts["none"] == nil)
        #expect((850...945).contains(counts["many"] ?? 0), "\(counts)")
    }

    @Test func aShareWhoseBackendIsMissingAnswers500AndTheRestIsServed() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - backendRefs: [{name: app, port: 80, weight: 1}, {name: absent, port: 80, weight: 1}]
                """)
        defer { gateway.stop() }
        let stream = try gateway.connect()
        var counts: [Int: Int] = [:]
        for _ in 0..<200 { counts[try stream.get("/").status, default: 0] += 1 }
        #expect((50...150).contains(counts[500] ?? 0), "\(counts)")
        #expect((counts[500] ?? 0) + (counts[200] ?? 0) == 200)
    }

    @Test func redirectsNameTheListenerOrWhatTheRuleSays() throws {
        let backend = try TestBackend()
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - matches: [{path: {value: /plain}}]
                  filters: [{type: RequestRedirect, requestRedirect: {hostname: new.test, statusCode: 301}}]
                - matches: [{path: {value: /prefix}}]
                  filters: [{type: RequestRedirect, requestRedirect: {scheme: https, path: {type: ReplacePrefixMatch, replacePrefixMatch: /to}}}]
                """)
        defer { gateway.stop() }
        let plain = try gateway.get("/plain/x?q=1")
        #expect(plain.status == 301)
        #expect(plain["location"] == "http://new.test/plain/x?q=1")
        let prefix = try gateway.get("/prefix/x", host: "shop.test:80")
        #expect(prefix.status == 302)
        #expect(prefix["location"] == "https://shop.test/to/x")
        #expect(backend.connections == 0)
    }

    @Test func rewritesChangePathAndHostOnTheWayOnly() throws {
        let backend = try TestBackend()
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - matches: [{path: {value: /old}}]
                  filters: [{type: URLRewrite, urlRewrite: {hostname: inner.test, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]
                  backendRefs: [{name: app, port: 80}]
                - matches: [{path: {value: /full}}]
                  filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /whole}}}]
                  backendRefs: [{name: app, port: 80}]
                """)
        defer { gateway.stop() }
        let prefix = try gateway.get("/old/a?x=1").text
        #expect(prefix.hasPrefix("GET /new/a?x=1 HTTP/1.1\n"))
        #expect(prefix.lowercased().contains("host: inner.test\n"))
        #expect(!prefix.contains("Host: shop.test\n"))
        #expect(try gateway.get("/full/a?x=1").text.hasPrefix("GET /whole?x=1 HTTP/1.1\n"))
    }

    @Test func headerModifiersEditRequestAndResponse() throws {
        let backend = try TestBackend(script: TestBackend.answers(fields: "X-Old: 1\r\nX-Kept: 1\r\nX-More: a\r\n"))
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - filters:
                  - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Set, value: new}], add: [{name: X-Add, value: two}], remove: [X-Gone]}}
                  - {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X-Kept, value: changed}], add: [{name: X-More, value: b}], remove: [X-Old]}}
                  backendRefs: [{name: app, port: 80}]
                """)
        defer { gateway.stop() }
        let response = try gateway.get("/", "X-Set: old", "X-Add: one", "X-Gone: 1")
        let seen = Message.parse(Array(response.text.replacing("\n", with: "\r\n").utf8))
        #expect(seen.values("x-set") == ["new"])
        #expect(seen["x-add"]?.replacing(" ", with: "") == "one,two")
        #expect(seen["x-gone"] == nil)
        #expect(response["x-kept"] == "changed")
        #expect(response["x-more"] == "a,b")
        #expect(response["x-old"] == nil)
    }

    @Test func anotherNamespacesBackendNeedsAGrant() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", namespace: "vault", endpoints: [backend.port]),
            Manifest.route("web", "- backendRefs: [{name: app, namespace: vault, port: 80}]"))
        defer { gateway.stop() }
        #expect(try gateway.get("/").status == 500)
        #expect(backend.connections == 0)
        try gateway.folder.write(
            "manifests/grant.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: shop, namespace: vault}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
              to: [{group: "", kind: Service}]
            """)
        try eventually("the grant is in force") { try gateway.get("/").status == 200 }
    }

    @Test func pathsAreMatchedNormalisedAndUnsafeOnesRefused() throws {
        let backend = try TestBackend()
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - matches: [{path: {value: /open}}]
                  backendRefs: [{name: app, port: 80}]
                """)
        defer { gateway.stop() }
        #expect(try gateway.get("/open/../closed").status == 404)
        #expect(try gateway.get("/x/%2e%2e/open").text.hasPrefix("GET /open HTTP/1.1\n"))
        #expect(try gateway.get("/../open").status == 400)
        #expect(try gateway.get("/open/%2e%2e%2fclosed").status == 400)
        #expect(try gateway.get("/open/%zz").status == 400)
        #expect(!backend.allReceived.contains("closed"))
    }

    @Test func childrenChosenByLabelAreServedAndAMissingChildAnswers500() throws {
        let backend = try TestBackend(script: TestBackend.answers("child"))
        defer { backend.close() }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", namespace: "bank", endpoints: [backend.port]),
            Manifest.route(
                "root",
                """
                - matches: [{path: {type: PathPrefix, value: /bank}}]
                  backendRefs: [{group: delegation.kgateway.dev, kind: label, name: bank, namespace: all}]
                """))
        defer { gateway.stop() }
        #expect(try gateway.get("/bank/accounts").status == 500)
        try gateway.folder.write(
            "manifests/child.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: accounts, namespace: bank, labels: {delegation.kgateway.dev/label: bank}}
            spec:
              rules:
              - matches: [{path: {type: PathPrefix, value: /bank/accounts}}]
                backendRefs: [{name: app, port: 80}]
            """)
        try eventually("the child is attached") { try gateway.get("/bank/accounts").text == "child" }
        #expect(try gateway.get("/bank/cards").status == 404)
    }
}
