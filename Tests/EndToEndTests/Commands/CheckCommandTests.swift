import Testing

/// What `weir check` reads, whose problems it tells, and how it ends.
@Suite struct CheckCommandTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("base.yaml", Manifest.list([Manifest.gateway(), Manifest.service("app", endpoints: [8080])]))
    }

    private static let broken = Manifest.route("broken", "- backendRefs: [{name: absent, port: 80}]")

    private func check(_ words: String..., input: String? = nil) throws -> (
        code: Int, output: String, errors: String
    ) {
        defer { folder.remove() }
        guard let input else { return try run([WeirBinary.path(), "check"] + words) }
        try folder.write("input.txt", input)
        let command = "exec \"$0\" check \"$@\" < \"\(folder.path)/input.txt\""
        return try run(["sh", "-c", command, WeirBinary.path()] + words)
    }

    @Test func filesFoldersAndStandardInputAreLookedAtTogether() throws {
        let rule = "- matches: [{path: {value: /app}}]\n  backendRefs: [{name: app, port: 80}]"
        try folder.write("more.json", Manifest.list([Manifest.route("web", rule)]))
        let outcome = try check(
            "-f", "\(folder.path)/base.yaml", "-f", "\(folder.path)/more.json", "-f", "-", input: Self.broken)
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.output.contains("error: standard input:"), "\(outcome)")
        #expect(outcome.output.contains("shop/broken"), "\(outcome)")
        #expect(outcome.output.hasSuffix("1 error, 0 warnings\n"), "\(outcome)")
    }

    @Test func everyProblemHasAnId() throws {
        try folder.write("route.yaml", Self.broken)
        let outcome = try check("--manifests", folder.path, "--output", "json")
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("\"id\": \"WEIR"), "\(outcome)")
    }

    @Test func anotherNamespacesErrorsDoNotFailTheCheck() throws {
        try folder.write("route.yaml", Self.broken)
        try folder.write("other.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}")
        let theirs = try weir("check", "-f", folder.path, "-n", "other")
        #expect(theirs.code == 0 && theirs.output == "0 errors, 0 warnings\n", "\(theirs)")
        let ours = try check("-f", folder.path, "-n", "shop")
        #expect(ours.code == 1, "\(ours)")
    }

    @Test func whatIsToBeMendedComesFirst() throws {
        try folder.write("a.yaml", Manifest.route("web", "- backendRefs: [{name: torn, port: 80}]"))
        try folder.write(
            "z.yaml",
            "{apiVersion: v1, kind: Service, metadata: {name: torn, namespace: shop}, spec: {prots: [{port: 80}]}}")
        let lines = try check("-f", folder.path).output.split(separator: "\n")
        #expect(lines.first?.contains("Service shop/torn: spec.prots") == true, "\(lines)")
        #expect(
            lines.dropLast().last?.contains("because of WEIR0101 of Service shop/torn) [WEIR02") == true, "\(lines)")
    }

    @Test func nothingToLookAtIsAnError() throws {
        try folder.write("base.yaml", "# nothing\n---\n")
        try folder.write("more.YAML", Self.broken)
        let files = try weir("check", "-f", folder.path)
        #expect(files.code == 1 && files.output.contains("no resources were read from there"), "\(files)")
        #expect(files.output.contains("[WEIR0008]"), "\(files)")
        let input = try check("-f", "-", input: "")
        #expect(input.code == 1 && input.output.hasPrefix("error: standard input: no resources"), "\(input)")
    }

    @Test func objectsOfOthersAloneAreWarnedOf() throws {
        let outcome = try check("-f", "-", input: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
        #expect(outcome.code == 0 && outcome.output.contains("no object that Weir reads is there"), "\(outcome)")
        #expect(outcome.output.hasSuffix("0 errors, 1 warning\n"), "\(outcome)")
    }

    @Test func aNamespaceThatNothingIsInIsAnError() throws {
        let outcome = try check("-f", folder.path, "-n", "shpo")
        #expect(outcome.code == 1 && outcome.output.contains("no resources of this namespace"), "\(outcome)")
        #expect(outcome.output.contains("; shop is;"), "\(outcome)")
    }

    @Test(arguments: [
        ("annotations: {weir.dev/exclude-inbound-ports: \"99999\"}", "WEIR0901"),
        ("labels: {weir.dev/inject: Enabled}", "WEIR0901"),
        ("annotations: {weir.dev/proxy-workers: 4}", "WEIR0104"),
    ])
    func whatPodsWouldBeRefusedForIsToldOnce(metadata: String, id: String) throws {
        let spec = "{template: {metadata: {\(metadata)}, spec: {containers: [{name: app, image: app}]}}}"
        try folder.write(
            "pods.yaml",
            "\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: \(spec)}")
        let outcome = try check("-f", folder.path)
        #expect(outcome.code == 1 && outcome.output.hasSuffix("1 error, 0 warnings\n"), "\(outcome)")
        #expect(
            outcome.output.contains("pods.yaml:2: Deployment shop/web: spec.template.metadata.")
                && outcome.output.contains("[\(id)]"), "\(outcome)")
    }

    @Test func aFileThatCannotBeReadMayBeAnybodys() throws {
        try folder.write("torn.yaml", "kind: [\n")
        #expect(try check("-f", folder.path, "-n", "other").code == 1)
    }

    @Test func aFileThatDoesNotExistIsAnError() throws {
        let outcome = try check("-f", "\(folder.path)/absent.yaml")
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("absent.yaml: the file or folder does not exist"), "\(outcome)")
    }
}
