import GatewayAPI
import Testing

@Suite struct VisibleTextTests {
    @Test func plainTextStaysAsItIs() {
        for text in ["", "HTTPRoute shop/web", "Grüße, 大きい 👍", #"C:\dir"#] { #expect(VisibleText.of(text) == text) }
    }

    /// Escape sequences, line ends, controls of both sets, marks that turn text around, fillers, and look-alike spaces.
    @Test(arguments: [
        ("a\u{1b}[31mb", #"a\u{1B}[31mb"#), ("a\r\nb\tc\u{7f}", #"a\r\nb\tc\u{7F}"#), ("\u{9b}31m", #"\u{009B}31m"#),
        ("a\u{202e}b\u{2066}", #"a\u{202E}b\u{2066}"#), ("a\u{2028}b\u{feff}\u{200b}", #"a\u{2028}b\u{FEFF}\u{200B}"#),
        ("\0", #"\0"#), ("\u{e000}", #"\u{E000}"#), ("\u{e0041}", #"\u{000E0041}"#),
        ("a\u{a0}b\u{2003}", #"a\u{00A0}b\u{2003}"#),
        ("\u{3164}\u{34f}\u{fe0f}\u{115f}", #"\u{3164}\u{034F}\u{FE0F}\u{115F}"#),
    ])
    func whatATerminalActsOnOrHidesIsSpelledOut(_ text: String, _ shown: String) {
        #expect(VisibleText.of(text) == shown)
    }

    /// All marks of embedding, override and isolation, and both sets of controls.
    @Test func noMarkOfDirectionAndNoControlGetsThrough() {
        let hostile: [ClosedRange<UInt32>] = [
            0x00...0x1f, 0x7f...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,
        ]
        for value in hostile.joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(!VisibleText.of("a\(scalar)b").unicodeScalars.contains(scalar), "\(value)")
        }
    }

    @Test func itIsCutToBytes() {
        #expect(VisibleText.of("abcdefgh", bytes: 8) == "abcdefgh")
        #expect(VisibleText.of("abcdefghi", bytes: 8) == "abcde...")
        #expect(VisibleText.of("äöüß", bytes: 7) == "äö...")
        #expect(VisibleText.of("\u{1b}\u{1b}", bytes: 8) == "...")
        #expect(VisibleText.of("abcdef", bytes: 2) == "..")
        #expect(VisibleText.of(String(repeating: "ä", count: 100_000)).utf8.count <= VisibleText.longestLine)
    }

    /// To Swift a letter with its marks is one character, however many there are.
    @Test func aLetterWithManyMarksIsCutToo() {
        let text = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(VisibleText.of(text, bytes: 80).utf8.count <= 80)
    }

    @Test func aPageKeepsItsLinesAndNoOthers() {
        #expect(VisibleText.page("a\n\u{1b}b\n") == "a\n\\u{1B}b\n")
        #expect(VisibleText.page("a\r\nb\rc\u{85}d\u{2028}e") == #"a\r\nb\rc\u{0085}d\u{2028}e"#)
        #expect(VisibleText.page("abcdefghi\nb", lineBytes: 8) == "abcde...\nb")
    }

    @Test func aProblemIsOneLineWhateverItNames() {
        let problem = Problem(
            severity: .error, id: .unknownField, object: "HTTPRoute a/b", field: "spec.\u{1b}", value: "x\ny",
            message: "m\u{202e}")
        #expect(problem.report == "error: HTTPRoute a/b: spec.\\u{1B}: x\\ny: m\\u{202E} [WEIR0101]")
    }

    @Test func jsonIsASCIIWhereATerminalWouldObey() {
        #expect(JSONText.string("a\u{9b}\u{202e}\u{7f}\u{1b}ä\n").text() == "\"a\\u009b\\u202e\\u007f\\u001bä\\n\"")
        #expect(JSONText.string("\u{e0001}").text() == "\"\\udb40\\udc01\"")
    }
}
