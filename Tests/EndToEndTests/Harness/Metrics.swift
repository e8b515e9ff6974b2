/// Prometheus text, by name and labels.
struct Metrics {
    private let lines: [Substring]

    init(_ text: String) { lines = text.split(separator: "\n") }

    /// The sum of the series of a name whose labels contain all of these texts, as `reason="obs_fold"`.
    func sum(_ name: String, _ labels: String...) -> Double { sum(name, labels) }

    func sum(_ name: String, _ labels: [String]) -> Double {
        lines.filter { line in
            (line.hasPrefix(name + "{") || line.hasPrefix(name + " ")) && labels.allSatisfy { line.contains($0) }
        }.compactMap { Double($0.split(separator: " ").last ?? "") }.reduce(0, +)
    }
}

/// Something that tells metrics.
protocol Measured {
    func metrics() throws -> Metrics
}

extension Measured {
    /// Waits until the sum of these series is `value`: what an answer's client has seen may be counted a moment later.
    func counts(_ value: Double, _ name: String, _ labels: String...) throws {
        var sum = Double.nan
        do {
            try eventually(name) {
                sum = try metrics().sum(name, labels)
                return sum == value
            }
        } catch {
            throw Failure("\(name) \(labels) is \(sum), not \(value): \(error)")
        }
    }
}
