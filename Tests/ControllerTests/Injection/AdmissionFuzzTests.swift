import AdmissionFuzz
import Foundation
import Testing

@Suite struct AdmissionFuzzTests {
    private static let rounds = 4_000

    /// What matters to a review, so that mutations hit more than noise would.
    private static let spice = [
        "null", "{}", "[]", "\"\"", "-1", "1e999", "9223372036854775807", "true", "\"request\":", "\"object\":",
        "\"spec\":", "\"containers\":[", "\"metadata\":{", "\"annotations\":{", "\"weir.dev/sidecar\":\"container\",",
        "\"weir.dev/status\":\"\",", "\"livenessProbe\":{\"grpc\":{\"port\":1}},", "\"hostNetwork\":true,", "\\u0000",
        "\\ud800", ",", ":", "{", "}", "[", "]", "\"restartPolicy\":\"Always\",", "\"initContainers\":[{}],", "\u{0}",
    ].map { Array($0.utf8) }

    /// SplitMix64: the same mutations in every run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
    }

    private static func seeds() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Seeds/admission")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    private static func mutate(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: bytes.insert(contentsOf: spice[Int.random(in: 0..<spice.count, using: &dice)], at: at)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...9, using: &dice)))
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            case 3: replaceValue(near: at, in: &bytes, with: spice[Int.random(in: 0..<8, using: &dice)])
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: at)
            }
        }
        return bytes
    }

    /// Another type where a text is: still JSON, so that it gets further than the parser.
    private static func replaceValue(near at: Int, in bytes: inout [UInt8], with value: [UInt8]) {
        guard let start = bytes[at...].firstIndex(of: UInt8(ascii: ":")).map({ $0 + 1 }), start < bytes.count,
            bytes[start] == UInt8(ascii: "\""),
            let end = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "\""))
        else { return }
        bytes.replaceSubrange(start...end, with: value)
    }

    @Test func noBytesBreakTheWebhook() throws {
        let seeds = try Self.seeds()
        #expect(seeds.count >= 2)
        var dice = Dice(state: 1)
        for seed in seeds { #expect(AdmissionFuzz.answer(seed) == []) }
        for round in 0..<Self.rounds {
            let bytes = Self.mutate(seeds[round % seeds.count], &dice)
            let broken = AdmissionFuzz.answer(bytes)
            if !broken.isEmpty { Issue.record("\(broken): \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
        }
    }
}
