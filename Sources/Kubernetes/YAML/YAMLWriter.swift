package import GatewayAPI

/// Writes YAML that every YAML reader, old or new, and `YAMLReader` understand alike. Comments, anchors and the choice
/// of quotes of whatever text the nodes came from are not kept.
package enum YAMLWriter {
    /// Documents as one stream, `---` between them.
    package static func text(_ documents: [Node]) -> String {
        documents.map { text($0) }.joined(separator: "---\n")
    }

    package static func text(_ document: Node) -> String {
        var out = ""
        switch document.value {
        case .mapping(let members) where !members.isEmpty: write(members, indent: 0, isInline: false, to: &out)
        case .sequence(let elements) where !elements.isEmpty: write(elements, indent: 0, to: &out)
        // At the top there is no margin that could tell a block's lines from the end of the document.
        case .string(let text): out += YAMLString.quoted(text) + "\n"
        default: out += scalar(document, indent: 0) + "\n"
        }
        return out
    }

    /// - Parameter isInline: the first member goes on the line that `- ` has begun.
    private static func write(_ members: [Node.Entry], indent: Int, isInline: Bool, to out: inout String) {
        let margin = String(repeating: " ", count: indent)
        for (index, member) in members.enumerated() {
            out += (isInline && index == 0 ? "" : margin) + key(member.key, margin: margin) + ":"
            switch member.value.value {
            case .mapping(let inner) where !inner.isEmpty:
                out += "\n"
                write(inner, indent: indent + 2, isInline: false, to: &out)
            case .sequence(let inner) where !inner.isEmpty:
                out += "\n"
                // As kubectl does, a list is not indented below its key.
                write(inner, indent: indent, to: &out)
            default:
                out += " " + scalar(member.value, indent: indent + 2) + "\n"
            }
        }
    }

    private static func write(_ elements: [Node], indent: Int, to out: inout String) {
        let margin = String(repeating: " ", count: indent)
        for element in elements {
            out += margin + "-"
            switch element.value {
            case .mapping(let inner) where !inner.isEmpty:
                out += " "
                write(inner, indent: indent + 2, isInline: true, to: &out)
            case .sequence(let inner) where !inner.isEmpty:
                out += "\n"
                write(inner, indent: indent + 2, to: &out)
            default:
                out += " " + scalar(element, indent: indent + 2) + "\n"
            }
        }
    }

    private static func scalar(_ node: Node, indent: Int) -> String {
        switch node.value {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): number(value)
        case .string(let text):
            YAMLString.isBlock(text) ? YAMLString.block(text, indent: indent) : YAMLString.inline(text)
        case .sequence: "[]"
        case .mapping: "{}"
        }
    }

    /// A key on its line must have its colon within 1024 characters; a longer one is announced.
    private static func key(_ text: String, margin: String) -> String {
        let key = YAMLString.inline(text)
        return key.unicodeScalars.count <= longestKey ? key : "? \(key)\n\(margin)"
    }

    private static let longestKey = 1000

    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        // Without a dot or exponent it would be read as an integer, `1e+20` with neither dot as a string by some.
        let text = "\(value)"
        guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }
}
