import Foundation
import GatewayAPI
import Kubernetes
import Testing

@Suite struct ManifestFolderTests {
    private let folder: TemporaryFolder
    private let shop = ObjectKey(namespace: "ana", name: "shop")

    init() throws {
        folder = try TemporaryFolder()
    }

    private func route(_ path: String) -> String {
        ManifestText.routeText("shop", "{rules: [{matches: [{path: {value: \(path)}}]}]}")
    }

    private func path(_ resources: ResourceSet) -> String? {
        resources.httpRoutes[shop]?.rules.first?.matches.first?.path?.value
    }

    @Test func onlyManifestsAreReadSubfoldersIncludedHiddenOnesNot() throws {
        try folder.makeFolder("sub/deep")
        try folder.makeFolder(".git")
        try folder.write("a.yaml", ManifestText.routeText("a", "{}"))
        try folder.write("sub/b.yml", ManifestText.routeText("b", "{}"))
        try folder.write(
            "sub/deep/c.json", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"c\"}}")
        try folder.write(".d.yaml", "x: [")
        try folder.write(".git/e.yaml", "x: [")
        try folder.write("notes.txt", "x: [")
        let state = ManifestFolder.load(folder.path)
        #expect(state.problems == [])
        #expect(state.resources.httpRoutes.keys.map(\.name).sorted() == ["a", "b"])
        #expect(state.resources.namespaces["c"] != nil)
    }

    @Test func whetherTheFolderWasReadIsKnown() throws {
        var manifests = ManifestFolder(path: folder.path + "/late")
        _ = manifests.reload()
        #expect(!manifests.isReadable && !manifests.wasRead)
        try folder.makeFolder("late")
        _ = manifests.reload()
        #expect(manifests.isReadable && manifests.wasRead)
        try FileManager.default.removeItem(atPath: folder.path + "/late")
        _ = manifests.reload()
        #expect(!manifests.isReadable && manifests.wasRead)
    }

    @Test func aMissingFolderIsAnErrorAndKeepsWhatItLastHeld() throws {
        try folder.makeFolder("m")
        try folder.write("m/a.yaml", route("/one"))
        var source = ManifestFolder(path: "\(folder.path)/m/")
        _ = source.reload()
        try folder.move("m", to: "gone")
        let change = source.reload()
        #expect(
            source.problems.map(\.message) == [
                "the file or folder does not exist; nothing is read from it, and what was read before stays in use"
            ])
        #expect(path(source.resources) == "/one" && !change.routesChanged && change.problemsChanged)
        try folder.move("gone", to: "m")
        #expect(source.reload().problemsChanged && source.problems == [])
    }

    @Test func whatARouteThatCannotBeReadNamesIsRemembered() throws {
        let id = ResourceID(kind: .httpRoute, key: shop)
        let bad = ManifestText.routeText("shop", "{parentRefs: [{group: '', kind: Service, name: shop}], rules: []}")
        try folder.write("a.yaml", bad)
        var source = ManifestFolder(path: folder.path)
        #expect(source.reload().routesChanged)
        let left = try #require(source.resources.unservedRoutes[id])
        #expect(left.parentRefs.map(\.name) == ["shop"] && source.resources.httpRoutes.isEmpty)
        try folder.write("b.yaml", route("/two"))
        _ = source.reload()
        #expect(path(source.resources) == "/two" && source.resources.unservedRoutes.isEmpty, "a good form elsewhere")
        try folder.remove("b.yaml")
        _ = source.reload()
        #expect(source.resources.unservedRoutes[id] == left)
        try folder.write("a.yaml", route("/one"))
        _ = source.reload()
        try folder.write("a.yaml", bad)
        _ = source.reload()
        #expect(
            path(source.resources) == "/one" && source.resources.unservedRoutes.isEmpty, "the last good state stays")
        try folder.remove("a.yaml")
        #expect(source.reload().routesChanged && source.resources.unservedRoutes.isEmpty)
    }

    @Test func aFileThatNoLongerParsesKeepsItsLastGoodObjects() throws {
        try folder.write("a.yaml", route("/one"))
        var source = ManifestFolder(path: folder.path)
        #expect(source.reload().routesChanged)
        try folder.write("a.yaml", "kind: [HTTPRoute\nspec: {}\n")
        let change = source.reload()
        #expect(!change.routesChanged && change.problemsChanged)
        #expect(path(source.resources) == "/one")
        let problem = try #require(source.problems.first)
        #expect(problem.file == "\(folder.path)/a.yaml" && problem.line == 2 && problem.severity == .error)
        #expect(problem.message.hasSuffix("its last good objects (1) stay in use"))
        try folder.write("a.yaml", route("/two"))
        #expect(source.reload().routesChanged)
        #expect(path(source.resources) == "/two" && source.problems == [])
    }

    @Test func aFileThatNeverParsedHasNoObjects() throws {
        try folder.write("a.yaml", "kind: [")
        try folder.write("b.yaml", route("/b"))
        let state = ManifestFolder.load(folder.path)
        #expect(state.problems.count == 1 && state.problems[0].message.hasSuffix("none of its objects is used"))
        #expect(path(state.resources) == "/b")
    }

    @Test func anObjectThatNoLongerValidatesKeepsItsLastGoodStateAndItsNeighbourMoves() throws {
        try folder.write("a.yaml", route("/one") + "---\n" + ManifestText.routeText("other", "{}"))
        var source = ManifestFolder(path: folder.path)
        _ = source.reload()
        try folder.write(
            "a.yaml", ManifestText.routeText("shop", "{rules: 5}") + "---\n" + ManifestText.routeText("new", "{}"))
        #expect(source.reload().routesChanged)
        #expect(path(source.resources) == "/one")
        #expect(source.resources.httpRoutes.keys.map(\.name).sorted() == ["new", "shop"])
        #expect(source.problems.map(\.severity) == [.warning, .error])
        #expect(source.problems.map(\.line) == [1, 4])
    }

    @Test func theSameObjectInTwoFilesIsTheFirstByPath() throws {
        try folder.write("b.yaml", route("/b"))
        var source = ManifestFolder(path: folder.path)
        _ = source.reload()
        try folder.write("a.yaml", route("/a"))
        _ = source.reload()
        #expect(path(source.resources) == "/a")
        #expect(source.problems.map(\.file) == ["\(folder.path)/b.yaml"])
        #expect(
            source.problems.map(\.message) == [
                "is declared in \(folder.path)/a.yaml as well, which comes first by path; this one is not used"
            ])
        try folder.remove("a.yaml")
        #expect(source.reload().routesChanged)
        #expect(path(source.resources) == "/b" && source.problems == [])
    }

    @Test func theSameObjectTwiceInOneFileIsTheFirst() throws {
        try folder.write("a.yaml", route("/one") + "---\n" + route("/two"))
        let state = ManifestFolder.load(folder.path)
        #expect(path(state.resources) == "/one")
        #expect(state.problems.map(\.line) == [6])
    }

    @Test func anEndpointEditNamesItsServiceAndNoRoute() throws {
        try folder.write("r.yaml", route("/one"))
        try folder.write("e.yaml", ManifestText.sliceText("s1", service: "web", address: "10.0.0.1"))
        var source = ManifestFolder(path: folder.path)
        #expect(source.reload().routesChanged)
        try folder.write("e.yaml", ManifestText.sliceText("s1", service: "api", address: "10.0.0.1"))
        let change = source.reload()
        #expect(!change.routesChanged)
        #expect(
            change.endpointsChanged == [
                ObjectKey(namespace: "ana", name: "web"), ObjectKey(namespace: "ana", name: "api"),
            ])
        try folder.remove("e.yaml")
        #expect(source.reload().endpointsChanged == [ObjectKey(namespace: "ana", name: "api")])
        #expect(source.reload().isEmpty)
    }

    @Test func anEditThatChangesNothingIsNoChange() throws {
        try folder.write("r.yaml", route("/one"))
        var source = ManifestFolder(path: folder.path)
        _ = source.reload()
        try folder.write("r.yaml", "# a comment\n" + route("/one"))
        #expect(source.reload().isEmpty)
    }

    @Test func aFileAboveTheLimitIsRefused() throws {
        try folder.write("r.yaml", route("/one"))
        var limits = ManifestLimits()
        limits.yaml.bytes = 20
        let state = ManifestFolder.load(folder.path, limits: limits)
        #expect(state.problems.map(\.message) == ["has more than the 20 bytes allowed; none of its objects is used"])
    }

    @Test func aLoopOfLinksEndsAndADanglingOneIsReported() throws {
        try folder.makeFolder("sub")
        try folder.link("sub/up", to: "..")
        try folder.link("lost.yaml", to: "nowhere")
        try folder.write("sub/r.yaml", route("/one"))
        let state = ManifestFolder.load(folder.path)
        #expect(path(state.resources) == "/one")
        #expect(state.problems.contains { $0.file.hasSuffix("lost.yaml") && $0.message.hasPrefix("does not exist") })
    }

    @Test func problemsComeByFileThenLine() throws {
        try folder.write("b.yaml", "a: 1\n---\nb: 1\n")
        try folder.write("a.yaml", "a: 1\n")
        let problems = ManifestFolder.load(folder.path).problems
        #expect(
            problems.map { "\(($0.file as NSString).lastPathComponent):\($0.line)" } == [
                "a.yaml:1", "a.yaml:1", "b.yaml:1", "b.yaml:1", "b.yaml:3", "b.yaml:3",
            ])
    }
}
