/// One piece of a path's regular expression (RE2 syntax over bytes), with what it is as far as path rules need to know.
struct PathExpressionToken {
    enum Kind: Equatable {
        /// Matches this byte.
        case literal(UInt8)
        /// Matches one byte of several: a class, `.`, `\d` and their like.
        case set
        /// Repeats what is before it.
        case quantifier(isOptional: Bool)
        case open
        case close
        case bar
        /// Matches no byte: an anchor, or flags.
        case empty
    }

    var kind: Kind
    /// How it is written. Literals are escaped where they have to be, and nowhere else.
    var text: [UInt8]

    init(_ kind: Kind, _ text: [UInt8]) {
        self.kind = kind
        self.text = text
    }

    static func literal(_ byte: UInt8) -> PathExpressionToken {
        PathExpressionToken(.literal(byte), PathExpression.quote([byte]))
    }

    /// The byte that it stands for; nil when it is no literal.
    var byte: UInt8? {
        if case .literal(let byte) = kind { byte } else { nil }
    }

    var isQuantifier: Bool {
        if case .quantifier = kind { true } else { false }
    }

    /// nil when the expression cannot be read for certain.
    static func read(_ expression: String) -> [PathExpressionToken]? {
        var reader = Reader(Array(expression.utf8))
        while reader.position < reader.bytes.count {
            guard reader.readNext() else { return nil }
        }
        return reader.tokens
    }
}

extension PathExpressionToken {
    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var tokens: [PathExpressionToken] = []

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        private func byte(_ offset: Int) -> UInt8? {
            position + offset < bytes.count ? bytes[position + offset] : nil
        }

        private mutating func take(_ kind: Kind, _ length: Int) -> Bool {
            guard position + length <= bytes.count else { return false }
            tokens.append(PathExpressionToken(kind, Array(bytes[position..<(position + length)])))
            position += length
            return true
        }

        private mutating func takeLiteral(_ byte: UInt8, _ length: Int) -> Bool {
            tokens.append(.literal(byte))
            position += length
            return true
        }

        /// Reads one token, or some of a quotation; false when it cannot be understood.
        mutating func readNext() -> Bool {
            switch bytes[position] {
            case UInt8(ascii: "\\"): return readEscape()
            case UInt8(ascii: "["):
                guard let end = PathExpression.classEnd(bytes[...], from: position) else { return false }
                return take(.set, end + 1 - position)
            case UInt8(ascii: "("): return readGroup()
            case UInt8(ascii: ")"): return take(.close, 1)
            case UInt8(ascii: "|"): return take(.bar, 1)
            case UInt8(ascii: "."): return take(.set, 1)
            case UInt8(ascii: "^"), UInt8(ascii: "$"): return take(.empty, 1)
            case UInt8(ascii: "*"), UInt8(ascii: "?"): return takeQuantifier(isOptional: true, 1)
            case UInt8(ascii: "+"): return takeQuantifier(isOptional: false, 1)
            case UInt8(ascii: "{"):
                guard let (isOptional, length) = repetition() else { return takeLiteral(UInt8(ascii: "{"), 1) }
                return takeQuantifier(isOptional: isOptional, length)
            case let byte: return takeLiteral(byte, 1)
            }
        }

        /// A `?` behind it only asks for fewer.
        private mutating func takeQuantifier(isOptional: Bool, _ length: Int) -> Bool {
            let isLazy = byte(length) == UInt8(ascii: "?")
            return take(.quantifier(isOptional: isOptional), isLazy ? length + 1 : length)
        }

        /// `{n}`, `{n,}` and `{n,m}`; anything else is text.
        private func repetition() -> (isOptional: Bool, length: Int)? {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
            let parts = bytes[(position + 1)..<end].split(
                separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false)
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            guard let least = parts.first, !least.isEmpty, parts.joined().allSatisfy(digits.contains) else {
                return nil
            }
            return (least.allSatisfy { $0 == UInt8(ascii: "0") }, end + 1 - position)
        }

        private mutating func readGroup() -> Bool {
            guard byte(1) == UInt8(ascii: "?") else { return take(.open, 1) }
            if byte(2) == UInt8(ascii: "P") || byte(2) == UInt8(ascii: "<") {
                guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else { return false }
                return take(.open, end + 1 - position)
            }
            let ends = [UInt8(ascii: ":"), UInt8(ascii: ")")]
            guard let end = bytes[position...].firstIndex(where: ends.contains) else { return false }
            return take(bytes[end] == UInt8(ascii: ":") ? .open : .empty, end + 1 - position)
        }

        private mutating func readEscape() -> Bool {
            guard let next = byte(1) else { return false }
            switch next {
            case UInt8(ascii: "Q"): return readQuotation()
            case UInt8(ascii: "E"):
                position += 2
                return true
            case UInt8(ascii: "x"): return readHexadecimal()
            case UInt8(ascii: "a"): return takeLiteral(0x07, 2)
            case UInt8(ascii: "f"): return takeLiteral(0x0c, 2)
            case UInt8(ascii: "n"): return takeLiteral(0x0a, 2)
            case UInt8(ascii: "r"): return takeLiteral(0x0d, 2)
            case UInt8(ascii: "t"): return takeLiteral(0x09, 2)
            case UInt8(ascii: "v"): return takeLiteral(0x0b, 2)
            case _ where "dDsSwWC".utf8.contains(next): return take(.set, 2)
            case _ where "AzbB".utf8.contains(next): return take(.empty, 2)
            case UInt8(ascii: "p"), UInt8(ascii: "P"):
                guard byte(2) == UInt8(ascii: "{") else { return take(.set, 3) }
                guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else { return false }
                return take(.set, end + 1 - position)
            case _ where PathExpression.isLetterOrDigit(next): return false
            default: return takeLiteral(next, 2)
            }
        }

        /// `\Q` up to `\E` or the end: operators in between are none.
        private mutating func readQuotation() -> Bool {
            position += 2
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "E") {
                    position += 2
                    return true
                }
                _ = takeLiteral(bytes[position], 1)
            }
            return true
        }

        /// `\xHH` or `\x{H...}`.
        private mutating func readHexadecimal() -> Bool {
            if byte(2) == UInt8(ascii: "{") {
                guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")),
                    let value = UInt32(String(decoding: bytes[(position + 3)..<end], as: UTF8.self), radix: 16)
                else { return false }
                guard let byte = UInt8(exactly: value) else { return take(.set, end + 1 - position) }
                return takeLiteral(byte, end + 1 - position)
            }
            guard let high = byte(2).flatMap(Bytes.hexadecimal), let low = byte(3).flatMap(Bytes.hexadecimal) else {
                return false
            }
            return takeLiteral(high << 4 | low, 4)
        }
    }
}
