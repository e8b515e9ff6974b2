import FuzzDriver
import ProxyFuzz
import Testing

@Suite struct ProxyFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "GET ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}", " ", "/", "\r\n", "\n", "\0", "\u{feff}",
        "\u{7f}",
        "connect", "reset", "10.0.0.0", "/8", "/33", "/128", "::", "\u{8}", "\u{1}", "\0\0\u{6}\u{4}",
    ])

    @Test func firstBytesDecideAlikeHoweverTheyCome() {
        let seeds = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRIX /a HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}\0",
            "SSH-2.0-x\r\n",
        ].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, cutsShort: true, ProxyFuzz.firstBytes) == [])
    }

    @Test func healthChecksAreAnsweredAlikeHoweverTheAnswerComes() {
        let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]
        let headers: [UInt8] = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88]
        let seeds: [[UInt8]] = [
            settings + headers + [0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 8, 1],
            settings + [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8] + headers
                + [0, 0, 10, 0, 8, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 2, 0, 0],
            [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7],
        ]
        #expect(Self.driver.findings(seeds, cutsShort: true, ProxyFuzz.health) == [])
    }

    @Test func wordsOfOtherProxiesMeanWhatTheySay() {
        let seeds = ["connect", "reset", "10.0.0.0/8", "fd00::/64", "192.0.2.1"].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, cutsShort: true, ProxyFuzz.words) == [])
    }
}
