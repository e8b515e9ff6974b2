/// A Kubernetes resource quantity: `250m`, `0.5`, `64Mi`, `1e3`.
package enum Quantity {
    package static let rule = "must be a Kubernetes quantity, as 250m, 0.5, 64Mi or 1Gi"

    /// More digits than any amount needs; what is longer is refused unread.
    private static let maximumLength = 32

    /// The amount, nil when the text is no quantity. Exact enough to tell the greater of two.
    package static func amount(_ text: String) -> Double? {
        guard text.utf8.count <= maximumLength else { return nil }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard digits.utf8.contains(where: { $0 != UInt8(ascii: ".") }), let number = Double(digits),
            let scale = scale(text.dropFirst(digits.count))
        else { return nil }
        return number * scale
    }

    private static func scale(_ suffix: Substring) -> Double? {
        if let scale = scales[String(suffix)] { return scale }
        guard suffix.hasPrefix("e") || suffix.hasPrefix("E"), let exponent = Int(suffix.dropFirst()),
            (-9...18).contains(exponent)
        else { return nil }
        return (0..<abs(exponent)).reduce(1) { scale, _ in exponent < 0 ? scale / 10 : scale * 10 }
    }

    private static let scales: [String: Double] = [
        "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
        "Ei": 1_152_921_504_606_846_976,
    ]
}
