/// A Kubernetes label selector: requirements that must all be met.
struct LabelSelector: Hashable {
    enum Requirement: Hashable {
        case exists(String)
        case absent(String)
        case among(String, [String])
        /// Met as well by objects without the label.
        case notAmong(String, [String])
    }

    private(set) var requirements: [Requirement] = []

    init() {}

    /// Reads `a=b,c!=d,e,!f,g in (h,i),j notin (k)`.
    /// - Throws: `SelectorError` for what is no selector, or a longer one than is allowed.
    init(_ text: String) throws(SelectorError) {
        guard text.utf8.count <= ServedAPILimits.selectorBytes else { throw SelectorError("is too long") }
        for part in LabelSelector.split(text) {
            guard requirements.count < ServedAPILimits.selectorRequirements else {
                throw SelectorError("has too many requirements")
            }
            requirements.append(try LabelSelector.requirement(part))
        }
    }

    func matches(_ object: ServedObject) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .exists(let name): object.label(name) != nil
            case .absent(let name): object.label(name) == nil
            case .among(let name, let values): object.label(name).map(values.contains) ?? false
            case .notAmong(let name, let values): !(object.label(name).map(values.contains) ?? false)
            }
        }
    }

    // MARK: Reading

    /// At commas that are not in parentheses.
    private static func split(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isInside = false
        for position in text.indices {
            switch text[position] {
            case "(": isInside = true
            case ")": isInside = false
            case "," where !isInside:
                parts.append(text[start..<position])
                start = text.index(after: position)
            default: continue
            }
        }
        let last = text[start...]
        return parts.isEmpty && last.allSatisfy { $0 == " " } ? [] : parts + [last]
    }

    private static func requirement(_ part: Substring) throws(SelectorError) -> Requirement {
        let text = trimmed(part)
        if text.hasPrefix("!") { return .absent(try name(text.dropFirst())) }
        if let sign = text.firstRange(of: "!=") {
            return .notAmong(try name(text[..<sign.lowerBound]), [try value(text[sign.upperBound...])])
        }
        if let sign = text.firstRange(of: "==") ?? text.firstRange(of: "=") {
            return .among(try name(text[..<sign.lowerBound]), [try value(text[sign.upperBound...])])
        }
        guard let open = text.firstIndex(of: "(") else { return .exists(try name(text)) }
        guard text.hasSuffix(")") else { throw SelectorError("has no ) where one is due") }
        let words = text[..<open].split(separator: " ")
        let values = try list(text[text.index(after: open)...].dropLast())
        switch words.count == 2 ? words[1] : "" {
        case "in": return .among(try name(words[0]), values)
        case "notin": return .notAmong(try name(words[0]), values)
        default: throw SelectorError("has no 'in' or 'notin' before its values")
        }
    }

    private static func list(_ text: Substring) throws(SelectorError) -> [String] {
        var values: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { values.append(try value(part)) }
        return values
    }

    private static func name(_ text: Substring) throws(SelectorError) -> String {
        let name = trimmed(text)
        guard !name.isEmpty, name.utf8.allSatisfy({ isLabelByte($0) || $0 == UInt8(ascii: "/") }) else {
            throw SelectorError("'\(name.prefix(80))' is no label name")
        }
        return String(name)
    }

    private static func value(_ text: Substring) throws(SelectorError) -> String {
        let value = trimmed(text)
        guard value.utf8.allSatisfy(isLabelByte) else { throw SelectorError("'\(value.prefix(80))' is no label value") }
        return String(value)
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return text
    }
}

/// Why a selector cannot be used.
struct SelectorError: Error, Hashable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
