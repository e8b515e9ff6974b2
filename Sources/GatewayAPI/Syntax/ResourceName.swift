/// The names Kubernetes allows: RFC 1123 labels and subdomains, kinds, groups.
package enum ResourceName {
    package static let maximumSubdomainLength = 253
    package static let maximumLabelLength = 63

    /// 1...63 of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
    package static func isLabel(_ text: some StringProtocol) -> Bool {
        isLabel(text.utf8, maximum: maximumLabelLength)
    }

    /// Labels joined by dots, 253 characters at most. As in the CRDs a part may be longer than 63.
    package static func isSubdomain(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count <= maximumSubdomainLength else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { isLabel($0, maximum: maximumSubdomainLength) }
    }

    /// The empty (core) group, or a subdomain.
    package static func isGroup(_ text: some StringProtocol) -> Bool {
        text.isEmpty || isSubdomain(text)
    }

    /// A letter, then letters, digits and inner `-`, 63 characters at most.
    package static func isKind(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return isLabel(text.utf8.lazy.map { isLetter($0) ? $0 | 0x20 : $0 }, maximum: maximumLabelLength)
    }

    private static func isLabel(_ bytes: some Sequence<UInt8>, maximum: Int) -> Bool {
        var count = 0
        var last = UInt8(ascii: "-")
        for byte in bytes {
            let isAlphanumeric = (97...122).contains(byte) || (48...57).contains(byte)
            guard isAlphanumeric || (byte == UInt8(ascii: "-") && count > 0) else { return false }
            count += 1
            last = byte
        }
        return (1...maximum).contains(count) && last != UInt8(ascii: "-")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
}
