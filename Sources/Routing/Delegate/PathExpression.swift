internal import GatewayAPI

/// A path's regular expression as text: enough of RE2's syntax to say what every path it matches begins with.
///
/// A child may not serve outside its parent's prefix. So the literal text has to carry the whole prefix, and what
/// follows must not be able to take the prefix apart: no alternative at the top level, no quantifier on the prefix's
/// last byte. Whatever is not understood counts as outside.
struct PathExpression {
    /// Without a leading `^` and a trailing `$`; expressions match whole paths anyway.
    private let bytes: [UInt8]
    private let isAnchoredAtEnd: Bool

    init(_ text: String) {
        var bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "^") { bytes.removeFirst() }
        isAnchoredAtEnd = bytes.last == UInt8(ascii: "$") && !Self.isEscaped(bytes, at: bytes.count - 1)
        if isAnchoredAtEnd { bytes.removeLast() }
        self.bytes = bytes
    }

    /// Whether everything it matches is `prefix` (no trailing slash) or below it.
    func isInside(prefix: Substring) -> Bool {
        if prefix.isEmpty { return true }
        guard let alternatives = Self.alternatives(bytes[...]), alternatives.count == 1,
            let rest = Self.consume(Array(prefix.utf8), from: bytes[...])
        else { return false }
        return rest.isEmpty || Self.isBelow(rest)
    }

    /// The expression with those of its operators escaped that stand for the prefix's own characters; nil when that
    /// does not bring it inside.
    func escaping(prefix: Substring) -> String? {
        var rest = bytes[...]
        for byte in prefix.utf8 {
            if rest.first == UInt8(ascii: "\\") { rest = rest.dropFirst() }
            guard rest.popFirst() == byte else { return nil }
        }
        let escaped = Self.quote(prefix) + String(decoding: rest, as: UTF8.self)
        return PathExpression(escaped).isInside(prefix: prefix) ? escaped : nil
    }

    /// The expression as what follows a prefix: every path begins with `/`; nil when that cannot be had.
    var tail: String? {
        guard let alternatives = Self.alternatives(bytes[...]) else { return nil }
        if alternatives.count == 1 {
            let text = String(decoding: bytes, as: UTF8.self)
            if Self.beginsWithSlash(bytes[...]) { return text }
            return bytes.first == UInt8(ascii: "/") ? nil : "/(?:\(text))"
        }
        guard alternatives.allSatisfy(Self.beginsWithSlash) else { return nil }
        return "(?:\(String(decoding: bytes, as: UTF8.self)))"
    }

    /// A child's path behind this (a parent's) expression; a prefix child keeps everything below it.
    func appending(_ child: PathMatch) -> PathMatch? {
        guard let alternatives = Self.alternatives(bytes[...]) else { return nil }
        let base = alternatives.count > 1 ? Array("(?:".utf8) + bytes + Array(")".utf8) : withoutFinalSlash
        let tail: String
        switch child.kind {
        case .regularExpression:
            guard let own = PathExpression(child.value).tail else { return nil }
            tail = own
        case .exact, .prefix:
            let literal = MatchComposition.trimmingSlashes(child.value)
            let quoted = (literal.isEmpty || literal.hasPrefix("/") ? "" : "/") + Self.quote(literal)
            tail = child.kind == .prefix ? quoted + "(?:/.*)?" : quoted
        }
        let text = String(decoding: base, as: UTF8.self) + tail + (isAnchoredAtEnd ? "$" : "")
        return PathMatch(.regularExpression, text)
    }

    private var withoutFinalSlash: [UInt8] {
        guard bytes.last == UInt8(ascii: "/"), !Self.isEscaped(bytes, at: bytes.count - 1) else { return bytes }
        return bytes.dropLast()
    }

    /// `literal` as an expression that matches just it.
    static func quote(_ literal: some StringProtocol) -> String {
        String(decoding: quote(Array(literal.utf8)), as: UTF8.self)
    }

    static func quote(_ literal: [UInt8]) -> [UInt8] {
        literal.flatMap { isOperator($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }
}

// MARK: - Reading

extension PathExpression {
    private static func isOperator(_ byte: UInt8) -> Bool {
        #"\.+*?()|[]{}^$"#.utf8.contains(byte)
    }

    /// Letters and digits after a backslash are classes and anchors, everything else is itself.
    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isEscaped(_ bytes: [UInt8], at position: Int) -> Bool {
        bytes[..<position].reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    }

    /// Takes `literal` off the front; nil when the front is not exactly these bytes.
    private static func consume(_ literal: [UInt8], from text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = text
        for byte in literal {
            guard var next = rest.popFirst() else { return nil }
            if next == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst(), !isLetterOrDigit(escaped) else { return nil }
                next = escaped
            } else if isOperator(next) {
                return nil
            }
            guard next == byte else { return nil }
        }
        return rest
    }

    /// What follows a complete prefix leaves it complete: an element of its own, or one last group of such.
    private static func isBelow(_ rest: ArraySlice<UInt8>) -> Bool {
        if beginsWithSlash(rest) { return true }
        guard rest.first == UInt8(ascii: "("), let (content, after) = group(rest) else { return false }
        guard after.isEmpty || after.elementsEqual("?".utf8), let alternatives = alternatives(content) else {
            return false
        }
        return alternatives.allSatisfy { $0.isEmpty || beginsWithSlash($0) }
    }

    /// Begins with a literal `/` that no quantifier can take away.
    private static func beginsWithSlash(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "/") else { return false }
        guard let next = text.dropFirst().first else { return true }
        return !"?*{".utf8.contains(next)
    }

    /// Content and remainder of the plain or non-capturing group that `text` begins with.
    private static func group(_ text: ArraySlice<UInt8>) -> (content: ArraySlice<UInt8>, after: ArraySlice<UInt8>)? {
        guard let end = scan(text, stopAtClose: true)?.close else { return nil }
        var content = text[(text.startIndex + 1)..<end]
        if content.starts(with: "?:".utf8) {
            content = content.dropFirst(2)
        } else if content.first == UInt8(ascii: "?") {
            return nil
        }
        return (content, text[(end + 1)...])
    }

    /// The branches between top-level `|`; nil when the text cannot be read for certain.
    private static func alternatives(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard let bars = scan(text, stopAtClose: false)?.bars else { return nil }
        var branches: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        for bar in bars {
            branches.append(text[start..<bar])
            start = bar + 1
        }
        branches.append(text[start...])
        return branches
    }

    /// Positions of top-level `|`, and of the parenthesis that closes the first group when asked for.
    private static func scan(_ text: ArraySlice<UInt8>, stopAtClose: Bool) -> (bars: [Int], close: Int?)? {
        var bars: [Int] = []
        var depth = 0
        var position = text.startIndex
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "\\"):
                // `\Q` quotes up to `\E`: operators in between are none.
                guard position + 1 < text.endIndex, text[position + 1] != UInt8(ascii: "Q") else { return nil }
                position += 1
            case UInt8(ascii: "["):
                guard let end = classEnd(text, from: position) else { return nil }
                position = end
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth < 0 { return nil }
                if depth == 0, stopAtClose { return (bars, position) }
            case UInt8(ascii: "|") where depth == 0: bars.append(position)
            default: break
            }
            position += 1
        }
        return depth == 0 && !stopAtClose ? (bars, nil) : nil
    }

    /// Position of the `]` that closes the class opened at `start`.
    static func classEnd(_ text: ArraySlice<UInt8>, from start: Int) -> Int? {
        var position = start + 1
        if position < text.endIndex, text[position] == UInt8(ascii: "^") { position += 1 }
        // A `]` in first place is a member.
        if position < text.endIndex, text[position] == UInt8(ascii: "]") { position += 1 }
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "]"): return position
            // An escape, or `[:name:]`, whose `]` closes only the name.
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "[") where position + 1 < text.endIndex && text[position + 1] == UInt8(ascii: ":"):
                guard let close = text[(position + 2)...].firstIndex(of: UInt8(ascii: "]")),
                    close > position + 2, text[close - 1] == UInt8(ascii: ":")
                else { return nil }
                position = close
            default: break
            }
            position += 1
        }
        return nil
    }
}
