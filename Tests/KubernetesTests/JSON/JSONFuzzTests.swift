import JSONFuzz
import Testing

@Suite struct JSONFuzzTests {
    private static let rounds = 20_000

    private static let seeds = [
        #"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[{"a":1},[2],"x",null,true,-1.5e3]}"#,
        #"{"type":"MODIFIED","object":{"kind":"Service","metadata":{"name":"a\u00e9\ud83d\ude00"},"spec":{"ports":[80]}}}"#,
        #"[{"op":"add","path":"/a","value":{"b":[1,2,3]}},9223372036854775807,-9223372036854775808,0.1,1e-7]"#,
    ].map { Array($0.utf8) }

    /// Bytes that matter to the grammar, so that mutations hit more than noise would.
    private static let spice = [
        "[", "]", "{", "}", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "null", "true", "-", "0", "1e9", "1e999",
        ".", "99999999999999999999", "\"items\":[", "\"items\":1,", "\u{feff}", "\0", " ", "\n",
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

    private static func mutate(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
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

    @Test func noBytesBreakTheReader() {
        var dice = Dice(state: 1)
        for seed in Self.seeds { #expect(JSONFuzz.read(seed) == []) }
        for round in 0..<Self.rounds {
            let bytes = Self.mutate(Self.seeds[round % Self.seeds.count], &dice)
            let broken = JSONFuzz.read(bytes)
            if !broken.isEmpty { Issue.record("\(broken): \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
        }
    }
}
