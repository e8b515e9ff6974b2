/// Ports `first...last`, one port when both are equal; 1...65535.
package struct PortRange: Hashable, Sendable {
    package let first: UInt16
    package let last: UInt16

    package init(_ first: UInt16, _ last: UInt16) {
        self.first = min(first, last)
        self.last = max(first, last)
    }

    /// As iptables-save prints it.
    var ruleText: String { first == last ? "\(first)" : "\(first):\(last)" }

    /// Slots it takes in one `multiport` match.
    var slots: Int { first == last ? 1 : 2 }
}

/// A set of ports, kept sorted and without overlaps so that two ways to write the same set give the same rules.
package struct PortList: Hashable, Sendable {
    /// The kernel's limit for one `multiport` match (XT_MULTI_PORTS); a range takes two.
    static let slotsPerRule = 15

    package private(set) var ranges: [PortRange]

    package init(_ ranges: [PortRange] = []) {
        self.ranges = PortList.merged(ranges)
    }

    /// Reads `80,443,8000-8010`; an empty text is an empty list.
    ///
    /// - Throws: `InterceptError.invalidValue`, naming `flag` and the element that is wrong.
    package init(parsing text: String, flag: String) throws(InterceptError) {
        var ranges: [PortRange] = []
        let trimmed = text.trimmingBlanks()
        if !trimmed.isEmpty {
            for element in trimmed.split(separator: ",", omittingEmptySubsequences: false) {
                ranges.append(try PortList.range(String(element).trimmingBlanks(), flag: flag))
            }
        }
        self.init(ranges)
    }

    package func union(_ other: PortList) -> PortList { PortList(ranges + other.ranges) }

    /// The list cut into arguments of `--dports`, each within the kernel's limit.
    package var multiportArguments: [String] {
        var arguments: [String] = []
        var current: [String] = []
        var used = 0
        for range in ranges {
            if used + range.slots > PortList.slotsPerRule {
                arguments.append(current.joined(separator: ","))
                current = []
                used = 0
            }
            current.append(range.ruleText)
            used += range.slots
        }
        if !current.isEmpty { arguments.append(current.joined(separator: ",")) }
        return arguments
    }

    private static func range(_ text: String, flag: String) throws(InterceptError) -> PortRange {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
            port(String($0))
        }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
            throw .invalidValue(
                flag: flag, value: text,
                allowed: "a port 1..65535 or a range such as 8000-8010, separated by commas",
                consequence: "Without a valid list the wrong traffic would be left alone, so nothing was changed.")
        }
        return PortRange(first, last)
    }

    private static func port(_ text: String) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(text), port > 0 else { return nil }
        return port
    }

    private static func merged(_ ranges: [PortRange]) -> [PortRange] {
        var result: [PortRange] = []
        for range in ranges.sorted(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
            // Adjacent ranges join too; wider arithmetic because 65535 has no successor.
            if let previous = result.last, Int(range.first) <= Int(previous.last) + 1 {
                result[result.count - 1] = PortRange(previous.first, max(previous.last, range.last))
            } else {
                result.append(range)
            }
        }
        return result
    }
}
