import Testing

/// The command line's contract: exit codes, and messages that name what is wrong.
@Suite struct CommandTests {
    @Test func versionPrintsNameAndNumber() throws {
        let outcome = try weir("version")
        #expect(outcome.code == 0)
        #expect(outcome.output.split(separator: " ").first == "weir")
        #expect(outcome.output.split(separator: ".").count == 3)
    }

    @Test(arguments: [
        [], ["sidecar"], ["gateway"], ["intercept"], ["intercept", "install"], ["intercept", "remove"],
        ["intercept", "show"], ["intercept", "verify"], ["check"], ["explain"], ["inject"], ["wait"], ["drain"],
        ["version"],
    ])
    func everyCommandHasHelp(_ words: [String]) throws {
        let outcome = try run([WeirBinary.path()] + words + ["--help"])
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("USAGE: weir"))
    }

    @Test(arguments: [
        ["nonsense"], ["gateway"], ["gateway", "--gateway", "noslash", "--manifests", "/tmp"],
        ["gateway", "--gateway", "a/b"], ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--workers", "0"],
        ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--bind", "nowhere"],
        ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--head-timeout", "1.5s"],
        ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--no-such-flag"],
        ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--admin", "15000"], ["sidecar", "--manifests", "/tmp"],
        ["sidecar", "--pod", "a/b", "--pod-ip", "x", "--manifests", "/tmp"], ["check"],
        ["intercept", "install", "--ipv6", "maybe"], ["intercept", "install", "--exclude-inbound-ports", "70000"],
        ["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--trust-forwarded-from", "10.0.0.0/99"], ["inject"],
        ["inject", "-f", "-", "--sidecar", "ambient"], ["inject", "-f", "-", "--proxy-resources", "{\"cpu\":1}"],
        ["inject", "-f", "-", "--inject-exclude-outbound-cidrs", "0.0.0.0/0"], ["wait", "--telemetry", "15020"],
        ["drain", "--admin", "nowhere"],
    ])
    func wrongUsageExits2AndSaysWhat(_ words: [String]) throws {
        let outcome = try run([WeirBinary.path()] + words)
        #expect(outcome.code == 2, "\(outcome.errors)")
        #expect(!outcome.errors.isEmpty)
    }

    @Test func aWrongEnvironmentVariableExits2() throws {
        let outcome = try weir(
            "gateway", "--gateway", "a/b", "--manifests", "/tmp", environment: ["WEIR_WORKERS": "many"])
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("WEIR_WORKERS"))
        #expect(outcome.errors.contains("1..256"))
    }

    @Test(arguments: [
        (["chek"], "Did you mean 'check'?"), (["chek", "-f", "x"], "'chek' is no subcommand of 'weir'"),
        (["chek", "--help"], "Did you mean 'check'?"),
        (["help", "chek"], "Did you mean 'check'?"), (["help", "intercept", "instal"], "Did you mean 'install'?"),
        (["check", "shop.yaml"], "-f FILE"), (["gateway", "--manifests", "/tmp"], "--gateway NAMESPACE/NAME: missing"),
        (["intercept", "instal"], "Did you mean 'install'?"),
        (["gateway", "--gateway", "noslash", "--manifests", "/tmp"], "See 'weir gateway --help'"),
        (["check"], "See 'weir check --help'"), (["check", "--manifest", "/tmp"], "Did you mean '--manifests'?"),
        (["sidecar", "--pod", "a/b", "--manifests", "/tmp", "--drain-timeout", "5x"], "500ms, 10s or 1h30m"),
        (["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--port-offset", "70000"], "0..65535"),
        (["gateway", "--gateway", "a/b", "--manifests", "/tmp", "--log-level", "deubg"], "debug is"),
        (["check", "-f", "/tmp", "--output", "xml"], "'text' and 'json'"),
    ])
    func wrongUsageNamesTheWordTheNearOneAndTheHelp(_ words: [String], _ expected: String) throws {
        let outcome = try run([WeirBinary.path()] + words)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
        #expect(outcome.errors.contains("--help' for more information"), "\(outcome.errors)")
    }

    @Test func helpBeginsWithWhatIsNeeded() throws {
        let outcome = try weir("gateway", "--help")
        #expect(outcome.output.contains("USAGE: weir gateway --gateway <namespace/name> (--manifests"), "\(outcome)")
    }

    private func check(_ objects: String...) throws -> (code: Int, output: String, errors: String) {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("all.yaml", Manifest.list(objects))
        return try weir("check", "--manifests", folder.path)
    }

    @Test func checkAcceptsGoodResources() throws {
        let outcome = try check(
            Manifest.gateway(), Manifest.service("app", endpoints: [8080]),
            Manifest.route("web", Manifest.everything(to: "app")))
        #expect(outcome.code == 0, "\(outcome.output)")
        #expect(outcome.output.hasSuffix("0 errors, 0 warnings\n"), "\(outcome.output)")
    }

    @Test func checkNamesObjectAndFieldOfEveryError() throws {
        let outcome = try check(
            Manifest.gateway(), Manifest.service("app", endpoints: [8080]),
            Manifest.route("missing", "- backendRefs: [{name: absent, port: 80}]"),
            Manifest.route(
                "regex",
                "- matches: [{path: {type: RegularExpression, value: \"/(\"}}]\n  backendRefs: [{name: app, port: 80}]"),
            Manifest.route("timeout", Manifest.everything(to: "app", "timeouts: {request: 1.5s}")))
        #expect(outcome.code == 1)
        let errors = outcome.output.split(separator: "\n").filter { $0.hasPrefix("error: ") }
        for (object, fragment) in [
            ("shop/missing", "backendRefs"), ("shop/regex", "path"), ("shop/timeout", "timeouts"),
        ] {
            #expect(errors.contains { $0.contains(object) && $0.contains(fragment) }, "\(object): \(outcome.output)")
        }
        #expect(errors.allSatisfy { $0.contains("/all.yaml:") }, "by file and line: \(outcome.output)")
    }

    @Test func checkTellsTheLineOfAProblemThatShowsWhenObjectsMeet() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("other.yaml", Manifest.list([Manifest.gateway()]))
        try folder.write(
            "route.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: web, namespace: shop}
            spec:
              parentRefs: [{name: edge}]
              rules:
                - backendRefs:
                    - name: absent
                      port: 80
            """)
        let outcome = try weir("check", "--manifests", folder.path)
        #expect(outcome.code == 1)
        let line = outcome.output.split(separator: "\n").first { $0.contains("absent does not exist") } ?? ""
        #expect(line.hasPrefix("error: \(folder.path)/route.yaml:8: HTTPRoute shop/web: "), "\(outcome.output)")
    }

    @Test func checkReportsAFileThatDoesNotParseByLine() throws {
        let outcome = try check("kind: Service\nmetadata: {name: [\n")
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("all.yaml:"))
    }

    @Test func checkRefusesUnknownFields() throws {
        let outcome = try check(
            Manifest.gateway(), Manifest.service("app", endpoints: [8080]),
            Manifest.route("web", Manifest.everything(to: "app", "shinyNewField: 1")))
        #expect(outcome.code == 1, "\(outcome.output)")
        #expect(outcome.output.contains("shinyNewField"))
        #expect(outcome.output.contains("[WEIR0101]"))
    }

    @Test func checkReportsTheSameObjectTwice() throws {
        let outcome = try check(
            Manifest.gateway(), Manifest.service("app", endpoints: [8080]),
            Manifest.route("web", Manifest.everything(to: "app")),
            Manifest.route("web", Manifest.everything(to: "app")))
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("shop/web"))
    }
}
