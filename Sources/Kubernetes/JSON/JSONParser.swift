internal import GatewayAPI

/// A recursive descent over the bytes of one text, which every function is handed anew: the parser itself owns none of them.
struct JSONParser {
    let limits: JSONLimits
    /// Arrays that are members of this name are left out.
    let leftOut: String?
    /// Of the next byte.
    var position = 0
    private var nodes = 0

    init(limits: JSONLimits, leavingOut leftOut: String? = nil) {
        self.limits = limits
        self.leftOut = leftOut
    }

    mutating func document(_ input: Span<UInt8>) throws(JSONError) -> Node {
        let root = try value(input, depth: 0)
        try expectEnd(input)
        return root
    }

    private mutating func value(_ input: Span<UInt8>, depth: Int) throws(JSONError) -> Node {
        skipSpace(input)
        try count(depth)
        guard let first = peek(input) else { throw JSONError("ends before its value does", at: position) }
        switch first {
        case UInt8(ascii: "\""):
            position += 1
            return Node(.string(try string(input)))
        case UInt8(ascii: "{"):
            position += 1
            var members = JSONMembers()
            try eachMember(input) { key, parser throws(JSONError) in
                if key == parser.leftOut, try parser.passOverArray(input) { return }
                members.insert(key, try parser.value(input, depth: depth + 1))
            }
            return Node(.mapping(members.entries))
        case UInt8(ascii: "["):
            position += 1
            var elements: [Node] = []
            try eachElement(input) { parser throws(JSONError) in
                elements.append(try parser.value(input, depth: depth + 1))
            }
            return Node(.sequence(elements))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Node(try number(input))
        case UInt8(ascii: "t"): return try word("true", .bool(true), input)
        case UInt8(ascii: "f"): return try word("false", .bool(false), input)
        case UInt8(ascii: "n"): return try word("null", .null, input)
        default: throw JSONError("has no value where one must be", at: position)
        }
    }

    /// After the opening brace, to behind the closing one.
    private mutating func eachMember(
        _ input: Span<UInt8>, _ body: (String, inout JSONParser) throws(JSONError) -> Void
    ) throws(JSONError) {
        skipSpace(input)
        if take("}", input) { return }
        while true {
            skipSpace(input)
            guard take("\"", input) else { throw JSONError("has no key in quotes where one must be", at: position) }
            let key = try string(input)
            skipSpace(input)
            guard take(":", input) else { throw JSONError("has no colon after a key", at: position) }
            try body(key, &self)
            skipSpace(input)
            if take("}", input) { return }
            guard take(",", input) else { throw JSONError("has an object that does not go on or end", at: position) }
        }
    }

    /// After the opening bracket, to behind the closing one.
    private mutating func eachElement(
        _ input: Span<UInt8>, _ body: (inout JSONParser) throws(JSONError) -> Void
    ) throws(JSONError) {
        skipSpace(input)
        if take("]", input) { return }
        while true {
            try body(&self)
            skipSpace(input)
            if take("]", input) { return }
            guard take(",", input) else { throw JSONError("has an array that does not go on or end", at: position) }
        }
    }

    private mutating func word(_ text: StaticString, _ value: Node.Value, _ input: Span<UInt8>) throws(JSONError)
        -> Node
    {
        let start = position
        for byte in text.description.utf8 {
            guard peek(input) == byte else { throw JSONError("has an unknown word", at: start) }
            position += 1
        }
        return Node(value)
    }

    private mutating func count(_ depth: Int) throws(JSONError) {
        guard depth < limits.depth else {
            throw JSONError("is nested deeper than the \(limits.depth) levels allowed", at: position)
        }
        nodes += 1
        guard nodes <= limits.nodes else {
            throw JSONError("has more than the \(limits.nodes) values allowed", at: position)
        }
    }

    private mutating func expectEnd(_ input: Span<UInt8>) throws(JSONError) {
        skipSpace(input)
        guard position == input.count else { throw JSONError("goes on behind its value", at: position) }
    }

    // MARK: Bytes

    func peek(_ input: Span<UInt8>) -> UInt8? {
        position < input.count ? input[position] : nil
    }

    /// Passes over the byte if it comes next.
    mutating func take(_ scalar: Unicode.Scalar, _ input: Span<UInt8>) -> Bool {
        guard peek(input) == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace(_ input: Span<UInt8>) {
        while position < input.count {
            switch input[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }
}
