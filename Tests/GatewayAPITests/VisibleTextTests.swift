import GatewayAPI
import Testing

@Suite struct VisibleTextTests {
    @Test func plainTextStaysAsItIs() {
        for text in ["", "HTTPRoute shop/web", "Grüße, 世界 👍", #"C:\dir"#] { #expect(VisibleText.of(text) == text) }
    }

    /// Escape sequences, line ends, C1 controls, marks that turn text around, and what has no width.
    @Test(arguments: [
        ("a\u{1b}[2Jb", #"a\u{1b}[2Jb"#), ("a\r\nb", #"a\u{d}\u{a}b"#), ("\u{9b}31m", #"\u{9b}31m"#),
        ("a\u{202e}b", #"a\u{202e}b"#), ("\u{200b}", #"\u{200b}"#), ("\u{2028}", #"\u{2028}"#), ("\0", #"\u{0}"#),
        ("\u{7f}", #"\u{7f}"#), ("\u{e000}", #"\u{e000}"#),
    ])
    func whatATerminalActsOnIsSpelledOut(_ text: String, _ shown: String) {
        #expect(VisibleText.of(text) == shown)
    }

    @Test func itIsCutToBytes() {
        #expect(VisibleText.of("abcdefgh", bytes: 8) == "abcdefgh")
        #expect(VisibleText.of("abcdefghi", bytes: 8) == "abcde...")
        #expect(VisibleText.of("äöüß", bytes: 7) == "äö...")
        #expect(VisibleText.of("\u{1b}\u{1b}", bytes: 8) == "...")
        #expect(VisibleText.of("abcdef", bytes: 2) == "..")
    }

    /// To Swift a letter with its marks is one character, however many there are.
    @Test func aLetterWithManyMarksIsCutToo() {
        let text = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(VisibleText.of(text, bytes: 80).utf8.count <= 80)
    }
}
