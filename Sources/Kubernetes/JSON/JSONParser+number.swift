internal import GatewayAPI

extension JSONParser {
    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`
    mutating func number(_ input: Span<UInt8>) throws(JSONError) -> Node.Value {
        let start = position
        let isNegative = take("-", input)
        var isInteger = true
        var magnitude: UInt64 = 0
        let hasLeadingZero = peek(input) == UInt8(ascii: "0")
        let digits = digits(input) { digit in
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { isInteger = false }
            magnitude = sum
        }
        guard digits > 0, digits == 1 || !hasLeadingZero else { throw JSONError("has a malformed number", at: start) }
        if take(".", input) {
            isInteger = false
            guard self.digits(input, { _ in }) > 0 else { throw JSONError("has a malformed number", at: start) }
        }
        if take("e", input) || take("E", input) {
            isInteger = false
            if !take("-", input) { _ = take("+", input) }
            guard self.digits(input, { _ in }) > 0 else { throw JSONError("has a malformed number", at: start) }
        }
        if isInteger, let exact = Self.integer(magnitude, isNegative: isNegative) { return .integer(exact) }
        return .number(try double(input, from: start))
    }

    private mutating func digits(_ input: Span<UInt8>, _ each: (UInt8) -> Void) -> Int {
        let start = position
        while let byte = peek(input), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            each(byte - UInt8(ascii: "0"))
            position += 1
        }
        return position - start
    }

    private static func integer(_ magnitude: UInt64, isNegative: Bool) -> Int64? {
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude == Int64.min.magnitude ? .min : Int64(exactly: magnitude).map { -$0 }
    }

    private func double(_ input: Span<UInt8>, from start: Int) throws(JSONError) -> Double {
        var text = ""
        for index in start..<position { text.unicodeScalars.append(Unicode.Scalar(input[index])) }
        guard let value = Double(text), value.isFinite else { throw JSONError("has a number out of range", at: start) }
        return value
    }
}
