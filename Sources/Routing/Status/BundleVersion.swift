/// The version of the Gateway API's definitions, as their annotation has it: `v1.6.1`, maybe with a suffix.
struct BundleVersion {
    /// Minor versions of v1 whose fields are known here. v1.0 has no mesh routing in its standard channel.
    static let supportedMinors = 1...6

    var major: Int
    var minor: Int

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].first == "v", let major = Int(parts[0].dropFirst()),
            let minor = Int(parts[1])
        else { return nil }
        self.major = major
        self.minor = minor
    }

    var isSupported: Bool { major == 1 && Self.supportedMinors.contains(minor) }

    static var supportedText: String { "v1.\(supportedMinors.lowerBound) to v1.\(supportedMinors.upperBound)" }
}
