import AdmissionFuzz
import FuzzDriver
import Testing

@Suite struct AdmissionFuzzTests {
    /// Values first: they can stand where another one stood.
    private static let values = ["null", "{}", "[]", "\"\"", "-1", "1e999", "[null,1]", "true"]

    private static let driver = FuzzDriver(
        rounds: 6_000,
        spice: values + [
            "9223372036854775807", "\"request\":", "\"object\":", "\"spec\":", "\"containers\":[", "\"metadata\":{",
            "\"annotations\":{", "\"weir.dev/sidecar\":\"container\",", "\"weir.dev/status\":\"\",",
            "\"livenessProbe\":{\"grpc\":{\"port\":1}},", "\"hostNetwork\":true,", "\\u0000", "\\ud800", ",", ":", "{",
            "}", "[", "]", "\"restartPolicy\":\"Always\",", "\"initContainers\":[{}],", "\u{0}",
        ]
    ) { bytes, at, dice in
        replaceValue(near: at, in: &bytes, with: Array(dice.pick(values).utf8))
    }

    /// Another type where a text, a list or an object is: still JSON, so that it gets further than the parser.
    private static func replaceValue(near at: Int, in bytes: inout [UInt8], with value: [UInt8]) {
        guard let start = bytes[at...].firstIndex(of: UInt8(ascii: ":")).map({ $0 + 1 }), start < bytes.count,
            let end = self.end(ofValueAt: start, in: bytes)
        else { return }
        bytes.replaceSubrange(start..<end, with: value)
    }

    /// Behind a value of a text that is JSON, and anywhere in one that is not.
    private static func end(ofValueAt start: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        var isInText = false
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): isInText.toggle()
            case UInt8(ascii: "{") where !isInText, UInt8(ascii: "[") where !isInText: depth += 1
            case UInt8(ascii: "}") where !isInText, UInt8(ascii: "]") where !isInText: depth -= 1
            case _ where isInText: continue
            default: break
            }
            if depth < 0 { return index }
            if depth == 0, !isInText, index + 1 < bytes.count, ",}]".utf8.contains(bytes[index + 1]) {
                return index + 1
            }
        }
        return nil
    }

    @Test func noBytesBreakTheWebhook() throws {
        let seeds = try FuzzDriver.seeds("admission")
        #expect(seeds.count >= 3)
        #expect(Self.driver.findings(seeds, AdmissionFuzz.answer) == [])
    }
}
