import GatewayAPI
import Testing

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("größer, 大きい, 😀", "größer, 大きい, 😀"), ("a\u{1b}[31mb", "a\\u{1B}[31mb"),
        ("a\r\nb\tc\u{7f}", "a\\r\\nb\\tc\\u{7F}"), ("\u{9b}31m", "\\u{009B}31m"),
        ("a\u{202e}b\u{2066}", "a\\u{202E}b\\u{2066}"),
        ("a\u{2028}b\u{feff}\u{200b}", "a\\u{2028}b\\u{FEFF}\\u{200B}"), ("\u{0}", "\\0"),
    ])
    func onlyWhatATerminalShowsStays(text: String, shown: String) {
        #expect(PrintableText(text).description == shown)
    }

    @Test func longTextIsCut() {
        let text = PrintableText(String(repeating: "ä", count: 100_000), longest: 10).description
        #expect(text == String(repeating: "ä", count: 10) + "...")
        #expect(PrintableText(String(repeating: "a", count: 11), longest: 10).description == "aaaaaaaaaa...")
    }

    @Test func aPageKeepsItsLines() {
        #expect(PrintableText.page("a\n\u{1b}b\n") == "a\n\\u{1B}b\n")
    }

    @Test func aProblemIsOneLineWhateverItNames() {
        let problem = Problem(
            severity: .error, object: "HTTPRoute a/b", field: "spec.\u{1b}", value: "x\ny", message: "m\u{202e}")
        #expect(problem.report == "error: HTTPRoute a/b: spec.\\u{1B}: x\\ny: m\\u{202E} [WEIR0000]")
    }

    @Test func jsonIsASCIIWhereATerminalWouldObey() {
        #expect(JSONText.string("a\u{9b}\u{202e}\u{7f}\u{1b}ä\n").text() == "\"a\\u009b\\u202e\\u007f\\u001bä\\n\"")
        #expect(JSONText.string("\u{e0001}").text() == "\"\\udb40\\udc01\"")
    }
}

@Suite struct SpellingTests {
    private static let fields = ["matches", "filters", "backendRefs", "timeouts", "name"]

    @Test(arguments: [
        ("matchs", "matches"), ("mathces", "matches"), ("backendrefs", "backendRefs"), ("backend_refs", "backendRefs"),
        ("backendRef", "backendRefs"), ("nmae", "name"), ("Timeouts", "timeouts"),
    ])
    func aNearMissIsFound(typed: String, meant: String) {
        #expect(Spelling.nearest(to: typed, among: Self.fields) == meant)
    }

    @Test(arguments: ["", "retry", "x", "names-of-all", String(repeating: "matches", count: 1000)])
    func whatIsFarIsNoMiss(typed: String) {
        #expect(Spelling.nearest(to: typed, among: Self.fields) == nil)
    }
}
