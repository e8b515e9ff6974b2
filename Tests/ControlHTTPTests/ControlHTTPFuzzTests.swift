import ControlHTTPFuzz
import FuzzDriver
import Testing

@Suite struct ControlHTTPFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "\r\n", "\n", "\0", ":", " ", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n", "0\r\n\r\n", "\r\n\r\n", "ffffffffffffffff", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 103 Early\r\n\r\n", "HTTP/1.0", "%", "%2", "%zz", "+", "&", "=", "\u{ff}",
    ])

    @Test func requestsAreTheSameHoweverTheyCome() throws {
        let seeds = try FuzzDriver.seeds("http1-head")
        #expect(Self.driver.findings(seeds, cutsShort: true, ControlHTTPFuzz.requests) == [])
    }

    @Test func responsesAreTheSameHoweverTheyCome() throws {
        let seeds = try FuzzDriver.seeds("http1-response")
        #expect(Self.driver.findings(seeds, cutsShort: true, ControlHTTPFuzz.response) == [])
    }

    @Test func queriesStayWhatTheyAre() {
        let seeds = ["a=b&c=d%20e&f", "labelSelector=a%3Db%2Cc&limit=5&=x&&y=", "%41=+%2b"].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, cutsShort: true, ControlHTTPFuzz.query) == [])
    }
}
