extension IPAddress: CustomStringConvertible {
    /// Parses a dotted IPv4 address (four decimal parts without leading zeros) or an IPv6 address of RFC 4291 section
    /// 2.2. Zones (`%eth0`), ports and brackets are not part of an address: nil.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= IPAddress.maximumTextLength else { return nil }
        if let value = IPAddress.ipv4(bytes[...]) {
            self.init(ipv4: value)
        } else if let groups = IPAddress.ipv6Groups(bytes) {
            let words = groups.reduce(into: (high: UInt64(0), low: UInt64(0))) { words, group in
                words.high = words.high << 16 | words.low >> 48
                words.low = words.low << 16 | UInt64(group)
            }
            self.init(high: words.high, low: words.low, isIPv6: true)
        } else {
            return nil
        }
    }

    /// The canonical text: dotted for IPv4, RFC 5952 for IPv6.
    package var description: String {
        isIPv6 ? ipv6Text : ipv4Text
    }

    private var ipv4Text: String {
        "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
    }

    private var groups: [UInt16] {
        (0..<8).map { index in
            let word = index < 4 ? high : low
            return UInt16(truncatingIfNeeded: word >> UInt64(48 - 16 * (index % 4)))
        }
    }

    /// RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups becomes `::`.
    private var ipv6Text: String {
        let groups = groups
        guard let run = longestZeroRun(groups) else {
            return groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let head = groups[..<run.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
        let tail = groups[run.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
        return head + "::" + tail
    }

    private func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 1) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}

extension IPAddress {
    /// The longest text of an address: eight groups of four digits, or six and a dotted address.
    private static let maximumTextLength = 45

    /// Four decimal parts of 0...255, none with a leading zero (which some readers take for octal).
    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (48...57).contains($0) }) else { return nil }
            let number = part.reduce(UInt32(0)) { $0 &* 10 &+ UInt32($1 &- 48) }
            guard number <= 255, part.count == 1 || part.first != 48 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func ipv6Groups(_ bytes: [UInt8]) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == colon && bytes[$0 + 1] == colon }) else {
            let groups = groupList(bytes[...], allowsDotted: true)
            return groups?.count == 8 ? groups : nil
        }
        guard let head = groupList(bytes[..<gap], allowsDotted: false),
            let tail = groupList(bytes[(gap + 2)...], allowsDotted: true),
            head.count + tail.count <= 7
        else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups between single colons; empty text is no group. The last may be a dotted IPv4 address, which counts twice.
    private static func groupList(_ bytes: ArraySlice<UInt8>, allowsDotted: Bool) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if let group = hexGroup(part) {
                groups.append(group)
            } else if allowsDotted, index == parts.count - 1, let value = ipv4(part) {
                groups += [UInt16(truncatingIfNeeded: value >> 16), UInt16(truncatingIfNeeded: value)]
            } else {
                return nil
            }
        }
        return groups
    }

    private static func hexGroup(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            guard let nibble = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(nibble)
        }
        return value
    }
}
