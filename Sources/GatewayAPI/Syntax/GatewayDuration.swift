/// A Gateway API duration (GEP-2257): `^([0-9]{1,5}(h|m|s|ms)){1,4}$`. Units may repeat and are added up; no sign, no
/// fraction, no bare number.
package enum GatewayDuration {
    package static let rule =
        "must be one to four numbers of at most five digits, each with a unit h, m, s or ms, as 1h30m"

    /// Milliseconds, nil when the text breaks the rule. The largest value is four times 99999h, far inside 64 bits.
    package static func parse(_ text: some StringProtocol) -> UInt64? {
        var rest = Array(text.utf8)[...]
        var total: UInt64 = 0
        var parts = 0
        while !rest.isEmpty {
            guard parts < 4, let part = takePart(&rest) else { return nil }
            total += part
            parts += 1
        }
        return parts > 0 ? total : nil
    }

    /// The canonical text, largest unit first.
    package static func text(milliseconds: UInt64) -> String {
        guard milliseconds > 0 else { return "0s" }
        let units: [(UInt64, String)] = [(3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")]
        var rest = milliseconds
        var text = ""
        for (size, unit) in units where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text
    }

    private static func takePart(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...5).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let unit = takeUnit(&rest) else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 48) } * unit
    }

    private static func takeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let units: [(String, UInt64)] = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        for (unit, size) in units where rest.starts(with: unit.utf8) {
            rest = rest.dropFirst(unit.utf8.count)
            return size
        }
        return nil
    }
}
