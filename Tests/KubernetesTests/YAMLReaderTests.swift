import GatewayAPI
import Kubernetes
import Testing

/// How Kubernetes (`sigs.k8s.io/yaml`) reads YAML.
@Suite struct YAMLReaderTests {
    private func documents(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> [YAMLDocument] {
        try YAMLReader.documents(Array(text.utf8), limits: limits)
    }

    private func value(_ text: String) throws -> Node.Value? {
        try documents("v: \(text)").first?.root["v"]?.value
    }

    private func error(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
        do {
            _ = try YAMLReader.documents(Array(text.utf8), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "true", "True", "TRUE"])
    func unquotedYesIsTrue(text: String) throws {
        #expect(try value(text) == .bool(true))
    }

    @Test(arguments: ["no", "No", "n", "N", "off", "OFF", "false", "False"])
    func unquotedNoIsFalse(text: String) throws {
        #expect(try value(text) == .bool(false))
    }

    @Test(arguments: ["\"yes\"", "'on'", "\"1\"", "'null'", "\"\""])
    func quotedScalarsAreStrings(text: String) throws {
        #expect(try value(text) == .string(String(text.dropFirst().dropLast())))
    }

    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func emptyIsNull(text: String) throws {
        #expect(try value(text) == .null)
    }

    @Test(arguments: [
        ("0", Int64(0)), ("80", 80), ("-1", -1), ("+7", 7), ("0x1F", 31), ("0o17", 15), ("0b101", 5), ("010", 8),
        ("1_000", 1000), ("-0x10", -16), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ])
    func integersOfEveryBase(text: String, number: Int64) throws {
        #expect(try value(text) == .integer(number))
    }

    @Test(arguments: [
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("-2.", -2.0), ("08", 8.0), (".inf", Double.infinity),
        ("9223372036854775808", 9223372036854775808.0),
    ])
    func floats(text: String, number: Double) throws {
        #expect(try value(text) == .number(number))
    }

    @Test(arguments: [
        "1:30", "2024-01-01", "2024-01-01T00:00:00Z", "1.2.3", "10.0.0.1", "0x", "1e", "-a", "+a", "yess", "0x-1", "1s",
        "v1",
    ])
    func otherPlainTextStaysAString(text: String) throws {
        #expect(try value(text) == .string(text))
    }

    @Test func explicitTagsDecideTheType() throws {
        #expect(try value("!!str 1") == .string("1"))
        #expect(try value("!!float 1") == .number(1))
        #expect(try value("! yes") == .string("yes"))
        #expect(try documents("v: !!int x").first?.defect != nil)
    }

    @Test func keysBecomeStrings() throws {
        let root = try #require(try documents("80: a\non: b\n1.5: c").first?.root)
        #expect(
            root["80"]?.value == .string("a") && root["true"]?.value == .string("b")
                && root["1.5"]?.value == .string("c"))
    }

    @Test func streamsHoldSeveralDocumentsAndEmptyOnesAreLeftOut() throws {
        let roots = try documents("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n").map(\.root)
        #expect(roots.count == 2)
        #expect(roots.map(\.line) == [2, 6])
        #expect(roots.last?["b"]?.line == 6)
    }

    @Test func jsonIsYAML() throws {
        let root = try documents("{\"a\": [1, true, null, \"x\\/\\u00e9\"], \"b\": {}}").first?.root
        #expect(root?["b"]?.value == .mapping([]))
        guard case .sequence(let list)? = root?["a"]?.value else { Issue.record("no list"); return }
        #expect(list.map(\.value) == [.integer(1), .bool(true), .null, .string("x/é")])
    }

    @Test func aDuplicateKeySpoilsItsDocumentOnly() throws {
        let all = try documents("a: 1\nb: 2\na: 3\n---\nc: 1\n")
        #expect(all.map(\.defect) == [YAMLError("has the key \"a\" twice", line: 3), nil])
    }

    @Test func aDuplicateAmongManyKeysIsFound() throws {
        let keys = (0..<40).map { "k\($0): 1" }.joined(separator: "\n")
        #expect(try documents(keys).first?.defect == nil)
        #expect(try documents(keys + "\nk30: 2").first?.defect?.message == "has the key \"k30\" twice")
    }

    @Test func aliasesRepeatAndMergeKeysGiveWayToWrittenOnes() throws {
        let root = try documents("base: &b {x: 1, z: 2}\ncopy: *b\nover:\n  <<: *b\n  z: 3\n").first?.root
        #expect(root?["copy"]?["x"]?.value == .integer(1))
        #expect(root?["over"]?["x"]?.value == .integer(1))
        #expect(root?["over"]?["z"]?.value == .integer(3))
        #expect(try documents("a: *none").first?.defect?.message == "has an alias *none without its anchor")
    }

    @Test func aBombOfAliasesIsRefused() {
        var text = "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<10 {
            let list = Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ",")
            text += "l\(level): &l\(level) [\(list)]\n"
        }
        #expect(error(text)?.message == "repeats more than the 100000 values that aliases may")
    }

    @Test func aBombOfMergeKeysIsRefused() {
        var text = "m0: &m0 {" + (0..<50).map { "k\($0): 1" }.joined(separator: ",") + "}\nl:\n"
        text += String(repeating: "- {<<: [*m0,*m0,*m0,*m0,*m0,*m0,*m0,*m0,*m0,*m0]}\n", count: 200)
        #expect(error(text)?.message == "repeats more than the 100000 values that aliases may")
    }

    @Test func depthSizeAndCountAreLimited() {
        #expect(error(String(repeating: "[", count: 5000))?.message == "is nested deeper than the 64 levels allowed")
        var limits = YAMLLimits()
        limits.bytes = 10
        limits.nodes = 3
        #expect(error("a: 1234567890", limits: limits)?.message == "has 13 bytes, more than the 10 allowed")
        #expect(error("[1,2,3,4]", limits: limits)?.message == "has more than the 3 values allowed")
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: YAMLError.self) { try YAMLReader.documents([0x61, 0x3a, 0x20, 0xff, 0xfe]) }
        #expect(throws: YAMLError.self) { try YAMLReader.documents([0x61, 0x00, 0x3a, 0x00]) }
    }

    @Test func syntaxErrorsNameTheirLine() {
        #expect(error("a: 1\nb: [1\nc: 2\n")?.line == 3)
        #expect(error("a: 1\n\tb: 2\n")?.line == 2)
    }
}
