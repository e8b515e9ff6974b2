import APIFuzz
import FuzzDriver
import Testing

@Suite struct APIFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "\u{1}", "\0", "\u{7f}", "~", "}", "{", "\"", "\"type\":\"ADDED\"", "\"ERROR\"", "\"BOOKMARK\"", "null", "[",
        "]", ":",
        "/", "//", "#", "@", "%", "65536", "https://", "\u{ff}\u{ff}", "1e999", "\"code\":",
    ])

    @Test func noBytesBreakAWebSocket() {
        let long = [UInt8](repeating: 7, count: 200)
        let seeds: [[UInt8]] = [
            [0x82, 3, 1, 104, 105, 0x02, 2, 1, 97, 0x89, 0, 0x80, 1, 98, 0x88, 0],
            [0x82, 126, 0, 200] + long + [0x81, 1, 120],
            [0x02, 1, 1, 0x00, 0, 0x80, 127, 0, 0, 0, 0, 0, 0, 0, 2, 3, 4],
            [0x82, 127, 0, 0, 0, 0, 0, 0, 1, 44] + long + [UInt8](repeating: 1, count: 100),
            [0x8a, 2, 1, 2, 0x82, 0, 0x88, 2, 3, 232],
        ]
        #expect(Self.driver.findings(seeds, cutsShort: true, APIFuzz.webSocket) == [])
    }

    @Test func noLineBreaksAWatch() {
        let seeds = [
            #"{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"b","resourceVersion":"7"}}}"#,
            #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#,
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}"#,
        ].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, cutsShort: true, APIFuzz.watchLine) == [])
    }

    @Test func theAddressOfAServerStaysWhatItIs() {
        let seeds = ["https://10.0.0.1:6443", "http://[fd00::1]:80/a/b/", "https://api.example.com", "https://[::1]"]
        #expect(Self.driver.findings(seeds.map { Array($0.utf8) }, cutsShort: true, APIFuzz.serverURL) == [])
    }
}
