import Testing

/// Answers of proxies are their pods' owners' to write: the terminal of whoever asks shows them, and obeys nothing in
/// them.
@Suite struct ProxyAnswerTests {
    @Test func anAnswerIsTextToTheTerminal() throws {
        let proxy = try TestBackend(
            script: TestBackend.answers("{\n  \"a\": \"\u{1b}[2J\u{9b}\u{202e}\u{200b}\r\"\n}\n"))
        defer { proxy.close() }
        for question in ["snapshot", "endpoints", "log-level"] {
            let outcome = try weir("proxy", question, "--admin", "127.0.0.1:\(proxy.port)")
            #expect(outcome.code == 0)
            #expect(outcome.output == "{\n  \"a\": \"\\u{1B}[2J\\u{009B}\\u{202E}\\u{200B}\\r\"\n}\n")
        }
    }
}
