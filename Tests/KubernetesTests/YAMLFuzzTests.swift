import FuzzDriver
import Testing
import YAMLFuzz

@Suite struct YAMLFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "---\n", "&a ", "*a", "<<: ", "[", "]", "{", "}", ": ", "- ", "\n", "\t", "\"", "'", "|\n", ">\n", "!!int ",
        "!x ", "# ", "? ", "null", "yes", "0x", "-1", "99999999999999999999", "%YAML 9.9\n", "\0", "\u{feff}",
        "\u{85}", "items: ", "kind: List\n", "}{", "{\"kind\":", "\\ud83d\\ude00", "\n---\n{\"a\":1}\n",
        "\n\u{feff}---\n", "\r\n",
    ])

    @Test func noBytesBreakTheLoader() throws {
        let seeds = try FuzzDriver.seeds("yaml")
        #expect(seeds.count >= 5)
        #expect(Self.driver.findings(seeds, YAMLFuzz.load) == [])
    }
}
