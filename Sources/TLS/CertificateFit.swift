/// How well a certificate's names fit the name a client asks for. A wildcard stands for exactly one label (RFC 9525
/// section 6.3).
enum CertificateFit {
    static let none = -1

    /// More is better: an equal name, then the longest wildcard, then `none`.
    static func rank(_ names: [String], for name: String) -> Int {
        var best = none
        let parent = name.firstIndex(of: ".").map { name[$0...] }
        for candidate in names {
            if candidate == name { return Int.max }
            if candidate.hasPrefix("*."), candidate.dropFirst() == parent { best = max(best, candidate.utf8.count) }
        }
        return best
    }
}
