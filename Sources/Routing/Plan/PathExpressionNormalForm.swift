/// A path's regular expression, rewritten to what its author means of a normalised path (`PathNormalization`).
///
/// Expressions see normalised paths, so text in them is brought into the same form: `%2d` becomes `-`, `%c3` becomes
/// `%C3`, and so does a character that a path holds encoded only. Hexadecimal digits in brackets behind a `%` lose
/// their case. What else operators do stays as it is, and an expression that is not understood is left alone.
enum PathExpressionNormalForm {
    /// Throws when no path of a request can match.
    static func of(_ expression: String) throws(ImpossiblePath) -> String {
        guard let tokens = PathExpressionToken.read(expression) else { return expression }
        let rewritten = rewrite(tokens)
        if let reason = ImpossiblePathExpression.reason(rewritten[...], isAtStart: true, isAtEnd: true) {
            throw ImpossiblePath(reason: reason)
        }
        return String(decoding: rewritten.flatMap(\.text), as: UTF8.self)
    }

    private static func rewrite(_ tokens: [PathExpressionToken]) -> [PathExpressionToken] {
        var rewritten: [PathExpressionToken] = []
        var position = 0
        while position < tokens.count {
            let rest = tokens[position...]
            if let (replacement, length) = escape(rest) ?? encoded(rest) {
                rewritten += replacement
                position += length
            } else {
                rewritten.append(tokens[position])
                position += 1
            }
        }
        return rewritten
    }

    /// `%` and two digits, or brackets that stand for some.
    private static func escape(_ rest: ArraySlice<PathExpressionToken>) -> ([PathExpressionToken], length: Int)? {
        let tokens = Array(rest.prefix(4))
        guard tokens.count >= 3, tokens[0].byte == UInt8(ascii: "%") else { return nil }
        let isRepeated = tokens.count == 4 && tokens[3].isQuantifier
        if let high = tokens[1].byte.flatMap(Bytes.hexadecimal), let low = tokens[2].byte.flatMap(Bytes.hexadecimal) {
            let byte = high << 4 | low
            if !PathNormalization.isUnreserved(byte) { return (percent(byte), 3) }
            // What would be repeated is the last digit alone: it has no meaning in a normalised path.
            return isRepeated ? nil : ([.literal(byte)], 3)
        }
        guard isDigits(tokens[1]) else { return nil }
        if tokens[2].isQuantifier { return (ignoringCase(tokens[1...2]), 3) }
        guard isDigits(tokens[2]) else { return nil }
        return isRepeated ? (ignoringCase(tokens[1...3]), 4) : (ignoringCase(tokens[1...2]), 3)
    }

    private static func isDigits(_ token: PathExpressionToken) -> Bool {
        token.byte.flatMap(Bytes.hexadecimal) != nil || token.text.first == UInt8(ascii: "[")
    }

    private static func percent(_ byte: UInt8) -> [PathExpressionToken] {
        [
            UInt8(ascii: "%"), PathNormalization.upperHexadecimal(byte >> 4),
            PathNormalization.upperHexadecimal(byte & 15),
        ]
        .map(PathExpressionToken.literal)
    }

    private static func ignoringCase(_ digits: ArraySlice<PathExpressionToken>) -> [PathExpressionToken] {
        [.literal(UInt8(ascii: "%")), PathExpressionToken(.open, Array("(?i:".utf8))] + digits
            + [PathExpressionToken(.close, Array(")".utf8))]
    }

    /// A character that no path holds as it is: a space, a control or what is not ASCII.
    private static func encoded(_ rest: ArraySlice<PathExpressionToken>) -> ([PathExpressionToken], length: Int)? {
        guard let first = rest.first?.byte, first <= 0x20 || first >= 0x7f else { return nil }
        let following = max(0, (~first).leadingZeroBitCount - 1)
        let isWhole =
            following <= 3 && rest.count > following
            && rest.dropFirst().prefix(following).allSatisfy { ($0.byte ?? 0) & 0xc0 == 0x80 }
        let length = isWhole ? following + 1 : 1
        let escapes = rest.prefix(length).compactMap(\.byte).flatMap(percent)
        guard rest.dropFirst(length).first?.isQuantifier ?? false else { return (escapes, length) }
        let group = [PathExpressionToken(.open, Array("(?:".utf8))] + escapes
        return (group + [PathExpressionToken(.close, Array(")".utf8))], length)
    }
}

/// Whether an expression can match any path that a request can have; errs on the side of yes.
enum ImpossiblePathExpression {
    /// Why none can, as the end of a sentence about the expression. Every alternative has to be impossible.
    static func reason(
        _ tokens: ArraySlice<PathExpressionToken>, isAtStart: Bool, isAtEnd: Bool
    ) -> String? {
        var found: String?
        for alternative in alternatives(tokens) {
            guard let reason = sequence(alternative, isAtStart: isAtStart, isAtEnd: isAtEnd) else { return nil }
            found = found ?? reason
        }
        return found
    }

    private static func alternatives(_ tokens: ArraySlice<PathExpressionToken>) -> [ArraySlice<PathExpressionToken>] {
        var found: [ArraySlice<PathExpressionToken>] = []
        var depth = 0
        var start = tokens.startIndex
        for position in tokens.indices {
            switch tokens[position].kind {
            case .open: depth += 1
            case .close: depth -= 1
            case .bar where depth == 0:
                found.append(tokens[start..<position])
                start = position + 1
            default: break
            }
        }
        return found + [tokens[start...]]
    }

    /// Looks at each run of text that every match must hold.
    private static func sequence(
        _ tokens: ArraySlice<PathExpressionToken>, isAtStart: Bool, isAtEnd: Bool
    ) -> String? {
        var run = LiteralRun(isAtStart: isAtStart)
        var position = tokens.startIndex
        while position < tokens.endIndex {
            let token = tokens[position]
            let end = token.kind == .open ? close(of: position, in: tokens) : position
            guard let end else { return nil }
            let next = end + 1 < tokens.endIndex ? tokens[end + 1].kind : nil
            var isOptional = false
            var isRepeated = false
            if case .quantifier(let mayBeAbsent) = next { (isOptional, isRepeated) = (mayBeAbsent, true) }
            switch token.kind {
            case .literal(let byte) where !isRepeated: run.bytes.append(byte)
            case .empty where !isRepeated: break
            case .literal(let byte) where !isOptional:
                run.bytes.append(byte)
                if let reason = run.end(isAtEnd: false) { return reason }
            case .open where !isOptional:
                let isFirst = run.isAtStart && run.bytes.isEmpty
                if let reason = run.end(isAtEnd: false) { return reason }
                let inner = tokens[(position + 1)..<end]
                let isLast = isAtEnd && next == nil
                if let reason = reason(inner, isAtStart: isFirst, isAtEnd: isLast) { return reason }
            default: if let reason = run.end(isAtEnd: false) { return reason }
            }
            position = end + (isRepeated ? 2 : 1)
        }
        return run.end(isAtEnd: isAtEnd)
    }

    private static func close(of open: Int, in tokens: ArraySlice<PathExpressionToken>) -> Int? {
        var depth = 0
        for position in open..<tokens.endIndex {
            switch tokens[position].kind {
            case .open: depth += 1
            case .close: depth -= 1
            default: break
            }
            if depth == 0 { return position }
        }
        return nil
    }
}

/// Text that stands in every match of an expression, in one piece.
private struct LiteralRun {
    var bytes: [UInt8] = []
    /// The match begins with it.
    var isAtStart: Bool

    /// Why no normalised path holds it, nil when one may; begins a new run.
    mutating func end(isAtEnd: Bool) -> String? {
        let (text, wasAtStart) = (bytes, isAtStart)
        bytes = []
        isAtStart = false
        guard let first = text.first else { return nil }
        if wasAtStart, first != UInt8(ascii: "/"), text != [UInt8(ascii: "*")] { return "does not begin with /" }
        return Self.forbiddenByte(text) ?? Self.badEscape(text, isAtEnd: isAtEnd)
            ?? Self.badSegments(text, isAtEnd: isAtEnd)
    }

    private static func forbiddenByte(_ text: [UInt8]) -> String? {
        guard let byte = text.first(where: { #"?#\"#.utf8.contains($0) }) else { return nil }
        return "asks for a \(Character(UnicodeScalar(byte))), which no path has"
    }

    private static func badEscape(_ text: [UInt8], isAtEnd: Bool) -> String? {
        for position in text.indices where text[position] == UInt8(ascii: "%") {
            let digits = text[(position + 1)...].prefix(2)
            let values = digits.compactMap(Bytes.hexadecimal)
            guard values.count == digits.count, digits.count == 2 || !isAtEnd else {
                return "has a % without two hexadecimal digits"
            }
            guard values.count == 2 else { continue }
            let byte = values[0] << 4 | values[1]
            if byte == 0 { return "asks for %00, which no path has" }
            if PathNormalization.isUnreserved(byte) {
                return "asks for %\(String(decoding: digits, as: UTF8.self)), which every path has decoded"
            }
        }
        return nil
    }

    /// Elements that the run holds whole have to be as normalisation leaves them.
    private static func badSegments(_ text: [UInt8], isAtEnd: Bool) -> String? {
        let slash = UInt8(ascii: "/")
        guard let start = text.firstIndex(of: slash), let last = text.lastIndex(of: slash) else { return nil }
        let elements = String(decoding: text[start...(isAtEnd ? text.count - 1 : last)], as: UTF8.self)
        do throws(PathNormalization.Refusal) {
            let normal = try PathNormalization.normalForm(of: elements)
            return normal == elements ? nil : "asks for \(elements), which every request has as \(normal)"
        } catch {
            return "asks for \(elements), which \(error.explanation): a request with such a path is answered 400"
        }
    }
}
