import FuzzDriver
import HTTP
import HTTPFuzz
import Testing

@Suite struct FuzzTests {
    private static let driver = FuzzDriver(spice: [
        "\r\n", "\r", "\n", "\0", ":", " ", "\t", ",", ";", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Host: b\r\n", "0\r\n\r\n", "\r\n\r\n", "ffffffffffffffff", "#", "?", "[", "@", "\u{7f}", "\u{ff}",
    ])

    private func findings(_ folder: String, _ entry: ([UInt8]) -> [String]) throws -> [String] {
        Self.driver.findings(try FuzzDriver.seeds(folder), cutsShort: true, entry)
    }

    @Test("request heads keep their invariants under mutation") func requests() throws {
        #expect(try findings("http1-head", HTTPFuzz.requestHead) == [])
    }
    @Test("response heads keep their invariants under mutation") func responses() throws {
        #expect(try findings("http1-response", HTTPFuzz.responseHead) == [])
    }
    @Test("chunked bodies decode alike however they are split, under mutation") func chunks() throws {
        #expect(try findings("http1-chunks", HTTPFuzz.chunks) == [])
    }
    @Test("field values mean the same when they are read again, under mutation") func fieldValues() {
        let driver = FuzzDriver(spice: [
            "\"", "\\", ",", ";", "=", "for=", "for=\"[", "]\"", ":", "_", ".", "unknown", "proto=", "host=", "NTLM ",
            "9", "10",
            " ", "\t", "\0", "\u{ff}", "[::1]", "::ffff:1.2.3.4",
        ])
        let seeds = [
            "for=192.0.2.60;proto=http;by=203.0.113.43, for=\"[2001:db8::17]:4711\";host=a.test",
            "1.2.3.4, [fd00::1]:80,,unknown",
            "https, http", "a.test:80", "7", "Negotiate YII=, Basic YTpi", "websocket, h2c", "application/grpc+proto",
        ]
        #expect(driver.findings(seeds.map { Array($0.utf8) }, cutsShort: true, HTTPFuzz.fieldValue) == [])
    }
    @Test("what the beginning of an HTTP/2 connection is does not change, under mutation") func http2Openings() {
        let driver = FuzzDriver(
            rounds: 2_000, spice: ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0", "\u{1}", "\u{4}", "\u{7f}"])
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        let seeds: [[UInt8]] = [
            preface + [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100] + [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0]
                + [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82],
            preface + [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0, 0, 3, 0, 0, 0, 0, 16],
        ]
        #expect(driver.findings(seeds, HTTPFuzz.http2Opening) == [])
    }
}
