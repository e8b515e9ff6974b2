import FuzzDriver
import JSONFuzz
import Testing

@Suite struct JSONFuzzTests {
    private static let seeds = [
        #"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[{"a":1},[2],"x",null,true,-1.5e3]}"#,
        #"{"type":"MODIFIED","object":{"kind":"Service","metadata":{"name":"a\u00e9\ud83d\ude00"},"spec":{"ports":[80]}}}"#,
        #"[{"op":"add","path":"/a","value":{"b":[1,2,3]}},9223372036854775807,-9223372036854775808,0.1,1e-7]"#,
    ].map { Array($0.utf8) }

    private static let driver = FuzzDriver(
        rounds: 20_000,
        spice: [
            "[", "]", "{", "}", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "null", "true", "-", "0", "1e9",
            "1e999", ".", "99999999999999999999", "\"items\":[", "\"items\":1,", "\u{feff}", "\0", " ", "\n",
        ])

    @Test func noBytesBreakTheReader() {
        #expect(Self.driver.findings(Self.seeds, JSONFuzz.read) == [])
    }
}
