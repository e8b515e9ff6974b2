import GatewayAPI
import Kubernetes
import Testing

/// JSON as the API server reads and writes it.
@Suite struct JSONReaderTests {
    private func read(_ text: String, limits: JSONLimits = JSONLimits()) throws -> Node.Value {
        try JSONReader.node(Array(text.utf8), limits: limits).value
    }

    private func error(_ text: String, limits: JSONLimits = JSONLimits()) -> JSONError? {
        do {
            _ = try JSONReader.node(Array(text.utf8), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test func everySortOfValueIsRead() throws {
        let root = try JSONReader.node(
            Array(" {\"a\" : [1, -2.5 ,true,false,null, \"x\"],\n\t\"b\":{} ,\"c\":[]}\r\n".utf8))
        #expect(root["a"]?.elements == [1, Node(.number(-2.5)), true, false, Node(.null), "x"])
        #expect(root["b"]?.value == .mapping([]))
        #expect(root["c"]?.value == .sequence([]))
    }

    @Test func arraysOfOneNameCanBeLeftOut() throws {
        let text = #"{"items":[{"m":[{"a":["]\"",{}]},1],"n":1,"p":{"m":"no array"}}],"m" : [ ],"z":[2]}"#
        let item = try JSONReader.node(Array(#"{"n":1,"p":{"m":"no array"}}"#.utf8))
        let root = try JSONReader.node(Array(text.utf8)[...], leavingOut: "m")
        #expect(root["items"]?.elements == [item] && root["m"] == nil && root["z"]?.elements == [2])
        for cut in ["[", "[{]", #"["\"#, #"["]"#] {
            #expect(throws: JSONError.self) { try JSONReader.node(Array((#"{"m":"# + cut).utf8)[...], leavingOut: "m") }
        }
    }

    @Test(arguments: [
        ("0", Int64(0)), ("-0", 0), ("80", 80), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ])
    func integersStayExact(text: String, number: Int64) throws {
        #expect(try read(text) == .integer(number))
    }

    @Test(arguments: [
        ("1.0", 1.0), ("1e3", 1000.0), ("2E-2", 0.02), ("1.5e+1", 15), ("9223372036854775808", 9223372036854775808.0),
        ("99999999999999999999999", 99999999999999999999999.0), ("5e-324", Double.leastNonzeroMagnitude), ("1e-999", 0),
    ])
    func otherNumbersAreDoubles(text: String, number: Double) throws {
        #expect(try read(text) == .number(number))
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "tru", "nul",
        "True",
        "NaN", "Infinity", "01", "-", "+1", "1.", ".5", "1e", "0x10", "1e999", "\"", "\"\\x\"", "\"\\u12g4\"",
        "\"\\u12",
        "\"a\nb\"", "1 2", "{} x", "[1]]", "// c\n1", "\u{feff}1",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(error(text) != nil)
    }

    @Test func escapesAreRead() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00""#) == .string("\"\\/\u{8}\u{c}\n\r\tAé😀"))
    }

    @Test func halvesOfSurrogatePairsBecomeReplacementCharacters() throws {
        #expect(try read(#""a\ud83db""#) == .string("a\u{fffd}b"))
        #expect(try read(#""\ude00""#) == .string("\u{fffd}"))
        #expect(try read(#""\ud83d\u0041""#) == .string("\u{fffd}A"))
        #expect(try read(#""\ud83d\ud83d\ude00""#) == .string("\u{fffd}😀"))
    }

    @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() throws {
        #expect(try JSONReader.node([0x22, 0x61, 0xff, 0x62, 0x22]).value == .string("a\u{fffd}b"))
        #expect(try JSONReader.node([0x22, 0x5c, 0x6e, 0xff, 0x22]).value == .string("\n\u{fffd}"))
    }

    @Test func theLastOfSeveralValuesOfAKeyCounts() throws {
        #expect(try read(#"{"a":1,"b":2,"a":3}"#) == Node.mapping(["a": 3, "b": 2]).value)
        let keys = (0..<40).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONReader.node(Array("{\(keys),\"k30\":7,\"k2\":8}".utf8)).members.count == 40)
        #expect(try JSONReader.node(Array("{\(keys),\"k30\":7,\"k2\":8}".utf8))["k30"]?.integerValue == 7)
    }

    @Test func sizeDepthAndCountAreLimited() {
        var limits = JSONLimits()
        limits.bytes = 10
        #expect(error("12345678901", limits: limits)?.message == "has 11 bytes, more than the 10 allowed")
        limits.depth = 3
        limits.nodes = 4
        #expect(error("[[1]]", limits: limits) == nil)
        #expect(error("[[[1]]]", limits: limits)?.message == "is nested deeper than the 3 levels allowed")
        #expect(error("[1,1,1]", limits: limits) == nil)
        #expect(error("[1,1,1,1]", limits: limits)?.message == "has more than the 4 values allowed")
        #expect(error(String(repeating: "[", count: 1_000_000)) != nil)
    }

    @Test func errorsSayWhere() {
        #expect(error("{\"a\": x}") == JSONError("has no value where one must be", at: 6))
    }

    @Test func slicesAreReadFromTheirOwnStart() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSONReader.node(bytes[2..<5]).elements == [1])
    }

    @Test(arguments: [
        "0", "-1", "9223372036854775807", "1.0", "0.1", "-2.5e-07", "1e+20", "5e-324", "1.7976931348623157e+308",
        "\"\"",
        "[]", "{}", "null", "[true,false,null]", #"{"a":{"b":[1,"x"]}}"#, #""\"\\\n\r\t\u0001\u001f""#, "\"é😀\"",
    ])
    func writingGivesTheTextAgain(text: String) throws {
        #expect(try JSONReader.node(Array(text.utf8)).jsonText == text)
    }

    @Test func numbersWithoutAWordInJSONAreWrittenAsNull() {
        #expect(Node.sequence([Node(.number(.nan)), Node(.number(.infinity))]).jsonText == "[null,null]")
    }
}
