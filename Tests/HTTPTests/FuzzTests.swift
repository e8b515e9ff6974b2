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
}
