internal import Glibc

/// A network: a masked address and a prefix length, in the text form that iptables-save prints.
package struct CIDR: Hashable, Sendable {
    package let family: AddressFamily
    /// The network address in network byte order, bits behind the prefix cleared.
    package let bytes: [UInt8]
    package let prefixLength: Int

    /// `10.0.0.0/8`, `fd00::/8`.
    package var text: String { "\(IPAddressText.format(bytes) ?? "")/\(prefixLength)" }

    /// Reads `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
    ///
    /// - Throws: `InterceptError.invalidValue`, naming `flag`.
    package init(parsing text: String, flag: String) throws(InterceptError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddressText.parse(String(parts.first ?? "")) else {
            throw CIDR.invalid(text, flag)
        }
        let family: AddressFamily = address.count == 4 ? .ipv4 : .ipv6
        var prefixLength = family.addressBits
        if parts.count == 2 {
            // Prefix 0 is refused: it would leave nothing to intercept, and iptables-save does not print it.
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(\.isASCIIDigit), let length = Int(parts[1]),
                (1...family.addressBits).contains(length)
            else { throw CIDR.invalid(text, flag) }
            prefixLength = length
        }
        self.family = family
        self.prefixLength = prefixLength
        self.bytes = CIDR.masked(address, prefixLength)
    }

    /// Reads a comma separated list; an empty text is an empty list. Duplicates are dropped and the rest sorted, so
    /// that two ways to write the same list give the same rules.
    package static func list(parsing text: String, flag: String) throws(InterceptError) -> [CIDR] {
        let trimmed = text.trimmingBlanks()
        if trimmed.isEmpty { return [] }
        var networks: Set<CIDR> = []
        for element in trimmed.split(separator: ",", omittingEmptySubsequences: false) {
            networks.insert(try CIDR(parsing: String(element).trimmingBlanks(), flag: flag))
        }
        return networks.sorted {
            $0.bytes == $1.bytes
                ? $0.prefixLength < $1.prefixLength : $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
    }

    private static func invalid(_ value: String, _ flag: String) -> InterceptError {
        .invalidValue(
            flag: flag, value: value,
            allowed: "a network such as 10.0.0.0/8 (prefix 1..32) or fd00::/8 (prefix 1..128), separated by commas",
            consequence: "Without a valid list the wrong traffic would be left alone, so nothing was changed.")
    }

    private static func masked(_ bytes: [UInt8], _ prefixLength: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(prefixLength - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (UInt8.max << UInt8(8 - kept))
        }
    }
}

/// Addresses between bytes (network order, 4 or 16) and text, by inet_pton and inet_ntop.
enum IPAddressText {
    static func parse(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    static func format(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(text.count)
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, size) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
