extension JSONParser {
    /// Passes over an array without making anything of it; false when something else comes next. Of its grammar only
    /// brackets and the ends of strings are looked at.
    mutating func passOverArray(_ input: Span<UInt8>) throws(JSONError) -> Bool {
        skipSpace(input)
        guard peek(input) == UInt8(ascii: "[") else { return false }
        var depth = 0
        repeat {
            guard let byte = peek(input) else { throw JSONError("ends before its value does", at: position) }
            position += 1
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\""): try passOverString(input)
            default: break
            }
        } while depth > 0
        return true
    }

    /// After the opening quote, to behind the closing one.
    private mutating func passOverString(_ input: Span<UInt8>) throws(JSONError) {
        while let byte = peek(input) {
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            // Whatever is escaped, a quote among it, ends nothing.
            if byte == UInt8(ascii: "\\") { position += 1 }
        }
        throw JSONError("ends inside a string", at: input.count)
    }
}
