import Foundation
import HTTP
import HTTPFuzz
import Testing

@Suite struct FuzzTests {
    static let rounds = 4_000

    /// Bytes that matter to the grammar, so that mutations hit more than noise would.
    static let spice: [[UInt8]] = [
        "\r\n", "\r", "\n", "\0", ":", " ", "\t", ",", ";", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Host: b\r\n",
        "0\r\n\r\n", "\r\n\r\n", "ffffffffffffffff", "#", "?", "[", "@", "\u{7f}", "\u{ff}",
    ].map { Array($0.utf8) }

    static func seeds(_ folder: String) throws -> [[UInt8]] {
        let seeds = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/Seeds/\(folder)")
        let names = try FileManager.default.contentsOfDirectory(atPath: seeds.path).sorted()
        return try names.map { [UInt8](try Data(contentsOf: seeds.appending(path: $0))) }
    }

    /// SplitMix64: the same mutations in every run.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
    }

    static func mutate(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes.insert(contentsOf: spice[Int.random(in: 0..<spice.count, using: &dice)], at: at)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...5, using: &dice)))
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 20)], at: at)
            }
        }
        return bytes
    }

    static func run(_ folder: String, _ entry: ([UInt8]) -> [String]) throws {
        let seeds = try seeds(folder)
        #expect(!seeds.isEmpty)
        var dice = Dice(state: 1)
        for seed in seeds {
            #expect(entry(seed) == [])
            for count in 0..<seed.count where entry(Array(seed[..<count])) != [] { Issue.record("prefix of \(count)") }
        }
        for round in 0..<rounds {
            let bytes = mutate(seeds[round % seeds.count], &dice)
            let broken = entry(bytes)
            if !broken.isEmpty { Issue.record("\(broken): \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
        }
    }

    @Test("request heads keep their invariants under mutation") func requests() throws {
        try Self.run("http1-head", HTTPFuzz.requestHead)
    }
    @Test("response heads keep their invariants under mutation") func responses() throws {
        try Self.run("http1-response", HTTPFuzz.responseHead)
    }
    @Test("chunked bodies decode alike however they are split, under mutation") func chunks() throws {
        try Self.run("http1-chunks", HTTPFuzz.chunks)
    }
}
