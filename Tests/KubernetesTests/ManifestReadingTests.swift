import GatewayAPI
import Kubernetes
import Testing

/// Files as editors and tools write them are read as kubectl reads them.
@Suite struct ManifestReadingTests {
    private static let bom: [UInt8] = [0xef, 0xbb, 0xbf]

    private func names(_ bytes: [UInt8]) throws -> [String] {
        try YAMLReader.documents(bytes).map { $0.root["name"]?.stringValue ?? "?" }
    }

    private func names(_ text: String) throws -> [String] { try names(Array(text.utf8)) }

    private func error(_ bytes: [UInt8]) -> YAMLError? {
        do {
            _ = try YAMLReader.documents(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func aByteOrderMarkIsNoPartOfTheText() throws {
        #expect(try names(Self.bom + "name: a\nkind: x\n".utf8) == ["a"])
        #expect(try names(Self.bom + "---\r\nname: a\r\n---\r\nname: b\r\n".utf8) == ["a", "b"])
        #expect(try names(Self.bom + "{\"name\": \"a\"}".utf8) == ["a"])
        #expect(try names(Self.bom) == [])
    }

    @Test func filesWithMarksMayBeJoined() throws {
        let second = Self.bom + "---\nname: b\n".utf8
        #expect(try names(Self.bom + "name: a\n".utf8 + second) == ["a", "b"])
        #expect(try names(Array("name: a\n---\n".utf8) + Self.bom + "name: b\n".utf8) == ["a", "b"])
    }

    @Test func aMarkInAStringStays() throws {
        let documents = try YAMLReader.documents(Array("name: \"\u{feff}a\"\n".utf8))
        #expect(documents.first?.root["name"]?.stringValue == "\u{feff}a")
    }

    @Test func utf16IsReadWhereItsMarkSaysSo() throws {
        let text = "\u{feff}name: ö\u{1f600}\n"
        let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(try names(little) == ["ö\u{1f600}"])
        #expect(try names(big) == ["ö\u{1f600}"])
        #expect(error(Array(little.dropFirst(2)))?.message.contains("UTF-16") == true)
        #expect(error(Array(big.dropFirst(2)))?.message.contains("UTF-16") == true)
    }

    @Test(arguments: [
        #"{"name":"a"}{"name":"b"}"#, "{\"name\":\"a\"}\n{\"name\":\"b\"}\n",
        "{\n  \"name\": \"a\"\n}\n{\n  \"name\": \"b\"\n}", "\r\n{\"name\":\"a\"}\r\n\r\n{\"name\":\"b\"}\r\n",
        "{\"name\":\"a\"}\n---\n{\"name\":\"b\"}", "---\n{\"name\":\"a\"} {\"name\":\"b\"}\n",
        "name: a\n---\n# next\n{\"name\":\"b\"}\n", "--- {\"name\":\"a\"}\n---\nname: b\n", "{name: a}\n---\n{name: b}",
        "{\"name\": \"a\", # why\n}\n--- # end\nname: b\n...\n", "---\n---\nname: a\n---\n\n---\nname: b\n---\n",
        "name: a\n---   \t\nname: b\n", "%YAML 1.1\n---\n{\"name\": \"a\"}\n...\n%YAML 1.1\n---\nname: b\n",
    ])
    func documentsOfEitherKindFollowEachOther(text: String) throws {
        #expect(try names(text) == ["a", "b"])
    }

    @Test func dashesInsideADocumentSeparateNothing() throws {
        #expect(try names("name: |-\n  ---\n  {\"a\"\n") == ["---\n{\"a\""])
        #expect(try names("name: \"----\"\n") == ["----"])
    }

    @Test func escapedSurrogatesInJSONAreOneCharacterOrAReplacement() throws {
        #expect(try names(#"{"name":"\ud83d\ude00"}"#) == ["\u{1f600}"])
        #expect(try names("kind: x\n---\n" + #"{"name":"\ud83d\ude00"}"#) == ["?", "\u{1f600}"])
        #expect(try names(#"{"name":"\ud83d"}"#) == ["\u{fffd}"])
        #expect(try names(#"{"name":"\/a\u0062"}"#) == ["/ab"])
    }

    @Test func linesAreThoseOfTheFile() throws {
        let text = "name: a\n---\n{\"kind\":1}\n{\n  \"name\":\n    \"b\"}\n---\n{name:\n  c}\n---\nname: d\n"
        let documents = try YAMLReader.documents(Array(text.utf8))
        #expect(documents.map(\.root.line) == [1, 3, 4, 8, 11])
        #expect(documents.map { $0.root["name"]?.line ?? 0 } == [1, 0, 6, 9, 11])
    }

    @Test func aKeyTwiceIsADefectInJSONAsInYAML() throws {
        let documents = try YAMLReader.documents(Array("{\"name\":\"a\"}\n{\"name\":\"b\",\n\"name\":\"c\"}".utf8))
        #expect(documents.map(\.defect) == [nil, YAMLError("has the key \"name\" twice", line: 3)])
    }

    @Test func brokenJSONIsToldAsJSONInItsLine() {
        let broken = error(Array("{\"name\":\"a\"}\n{\"name\":\n\"b\" \"c\"}\n".utf8))
        #expect(broken == YAMLError("has an object that does not go on or end", line: 3))
        #expect(error(Array("name: a\n---\n{\"name\": \"b\"\n".utf8))?.line == 4)
        #expect(error(Array("{\"name\":\"a\"}\n---\nname: [\n".utf8))?.line == 4)
    }

    @Test func limitsHoldForAllSectionsTogether() throws {
        var limits = YAMLLimits()
        limits.nodes = 8
        let object = "{\"name\":\"a\"}\n"
        #expect(try YAMLReader.documents(Array(String(repeating: object, count: 4).utf8), limits: limits).count == 4)
        for text in [String(repeating: object, count: 5), object + object + object + "---\nname: [b, c]\n"] {
            #expect(throws: YAMLError.self) { try YAMLReader.documents(Array(text.utf8), limits: limits) }
        }
        limits.nodes = 100
        limits.documents = 2
        #expect(throws: YAMLError.self) {
            try YAMLReader.documents(Array((object + "---\nname: b\n---\n" + object).utf8), limits: limits)
        }
    }

    @Test func objectsThatBeginInOneLineKeepTheirOwnPlaces() throws {
        let folder = try TemporaryFolder()
        let route = { (name: String, service: String) in
            """
            {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"\(name)"},
            "spec":{"rules":[{"backendRefs":[
            {"name":"\(service)","port":80}]}]}}
            """
        }
        try folder.write("all.json", route("a", "x") + route("b", "y"))
        let state = ManifestFolder.load(folder.path)
        #expect(state.problems == [])
        let problem = Problem(
            severity: .error, id: .missingTarget, object: "HTTPRoute default/b",
            field: "spec.rules[0].backendRefs[0].name", message: "")
        #expect(state.places.locating([problem]).map(\.line) == [5])
    }

    @Test func oneFileIsReadWhereAFolderIsAskedFor() throws {
        let folder = try TemporaryFolder()
        try folder.write("route.txt", ManifestText.routeText("shop", "{}"))
        var source = ManifestFolder(path: "\(folder.path)/route.txt")
        #expect(source.reload().routesChanged)
        #expect(source.isReadable && source.resources.httpRoutes.count == 1)
        try folder.write(
            "route.txt", ManifestText.routeText("shop", "{}") + "---\n" + ManifestText.routeText("b", "{}"))
        _ = source.reload()
        #expect(source.resources.httpRoutes.count == 2)
    }

    @Test func filesFoldersAndTextsAreOneSource() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("in")
        try folder.write("in/a.yaml", ManifestText.routeText("a", "{}"))
        try folder.write("b.yaml", ManifestText.routeText("b", "{}"))
        let text = Array(ManifestText.routeText("c", "{rules: [{retry: {}}]}").utf8)
        let paths = ["\(folder.path)/in", "\(folder.path)/b.yaml", "\(folder.path)/./b.yaml"]
        let state = ManifestFolder.load(paths, texts: [("standard input", text)])
        #expect(state.resources.httpRoutes.keys.map(\.name).sorted() == ["a", "b", "c"])
        #expect(state.problems.map(\.file) == ["standard input"])
        let problem = Problem(
            severity: .error, id: .unknownField, object: "HTTPRoute ana/c", field: "spec.rules[0].retry", message: "")
        #expect(state.places.locating([problem]).map(\.line) == [4])
    }
}
