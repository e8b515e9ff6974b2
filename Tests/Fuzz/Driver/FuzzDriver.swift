internal import Foundation
package import Reactor

/// Runs a fuzz entry on seeds and on what becomes of them by chance: the same texts in every run.
package struct FuzzDriver: Sendable {
    /// A change of its own to a text at a place in it, by which a target gets further than noise would.
    package typealias Mutation = @Sendable (_ bytes: inout [UInt8], _ at: Int, _ dice: inout SplitMix64) -> Void

    /// Mutated texts.
    package var rounds: Int
    /// What matters to the grammar, so that mutations hit more than noise would.
    private let spice: [[UInt8]]
    private let mutation: Mutation?

    private static let mutationsAtOnce = 1...4
    private static let longestCut = 9
    private static let longestCopy = 40

    package init(rounds: Int = 4_000, spice: [String], mutation: Mutation? = nil) {
        self.rounds = rounds
        self.spice = spice.map { Array($0.utf8) }
        self.mutation = mutation
    }

    /// The texts in a folder of `Tests/Fuzz/Seeds`, in the order of their names.
    package static func seeds(_ folder: String) throws -> [[UInt8]] {
        let place = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Seeds/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
            .map { [UInt8](try Data(contentsOf: place.appending(path: $0))) }
    }

    /// What the entry finds broken, with the text that broke it: nothing, if all is well.
    ///
    /// - Parameters:
    ///   - cutsShort: also runs the entry on every beginning of every seed.
    ///   - entry: takes any bytes and returns the invariants that they broke.
    package func findings(
        _ seeds: [[UInt8]], cutsShort: Bool = false, _ entry: ([UInt8]) -> [String]
    ) -> [String] {
        guard !seeds.isEmpty else { return ["there are no seeds"] }
        var findings: [String] = []
        func run(_ bytes: [UInt8]) {
            let broken = entry(bytes)
            if broken.isEmpty { return }
            findings.append("\(broken): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        for seed in seeds {
            run(seed)
            if cutsShort { for count in 0..<seed.count { run(Array(seed[..<count])) } }
        }
        var dice = SplitMix64(seed: 1)
        for round in 0..<rounds { run(mutate(seeds[round % seeds.count], &dice)) }
        return findings
    }

    private func mutate(_ seed: [UInt8], _ dice: inout SplitMix64) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: Self.mutationsAtOnce, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<(mutation == nil ? 4 : 5), using: &dice) {
            case 0: bytes.insert(contentsOf: dice.pick(spice), at: at)
            case 1:
                let length = Int.random(in: 0...Self.longestCut, using: &dice)
                bytes.removeSubrange(at..<min(bytes.count, at + length))
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            case 4: mutation?(&bytes, at, &dice)
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + Self.longestCopy)], at: at)
            }
        }
        return bytes
    }
}

extension SplitMix64 {
    package mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
