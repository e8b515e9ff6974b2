import Foundation
import Testing
import YAMLFuzz

@Suite struct YAMLFuzzTests {
    private static let rounds = 4_000

    /// Bytes that matter to the grammar, so that mutations hit more than noise would.
    private static let spice = [
        "---\n", "&a ", "*a", "<<: ", "[", "]", "{", "}", ": ", "- ", "\n", "\t", "\"", "'", "|\n", ">\n", "!!int ",
        "!x ", "# ", "? ",
        "null", "yes", "0x", "-1", "99999999999999999999", "%YAML 9.9\n", "\0", "\u{feff}", "\u{85}", "items: ",
        "kind: List\n",
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
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/Seeds/yaml")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    private static func mutate(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes.insert(contentsOf: spice[Int.random(in: 0..<spice.count, using: &dice)], at: at)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...9, using: &dice)))
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: at)
            }
        }
        return bytes
    }

    @Test func noBytesBreakTheLoader() throws {
        let seeds = try Self.seeds()
        #expect(seeds.count >= 5)
        var dice = Dice(state: 1)
        for seed in seeds { #expect(YAMLFuzz.load(seed) == []) }
        for round in 0..<Self.rounds {
            let bytes = Self.mutate(seeds[round % seeds.count], &dice)
            let broken = YAMLFuzz.load(bytes)
            if !broken.isEmpty { Issue.record("\(broken): \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
        }
    }
}
