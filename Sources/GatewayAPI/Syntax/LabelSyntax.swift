/// Keys and values of labels and annotations (Kubernetes, "Labels and Selectors").
package enum LabelSyntax {
    static let keyRule =
        "must be 1 to 63 letters, digits, -, _ or ., beginning and ending with a letter or digit, maybe with a DNS name and / in front"
    static let valueRule =
        "must be at most 63 letters, digits, -, _ or ., beginning and ending with a letter or digit"

    /// Bytes of a key: a DNS name, a slash and a name.
    static let longestKey = 317

    package static func isKey(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else { return false }
        if parts.count == 2, !ResourceName.isSubdomain(parts[0]) { return false }
        return !name.isEmpty && isValue(name)
    }

    package static func isValue(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.reversed().first else { return true }
        return text.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }
}
