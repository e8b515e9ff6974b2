internal import GatewayAPI

/// A recursive descent over the bytes of one text, which every function is handed anew: the parser itself owns none of
/// them.
struct JSONParser {
    let limits: JSONLimits
    /// Arrays that are members of this name are left out.
    let leftOut: String?
    /// Of the next byte.
    var position = 0
    /// Values read.
    private(set) var nodes: Int
    /// Of the next byte; 0 throughout when nobody asks for lines.
    private(set) var line: Int
    private let linesPerBreak: Int
    private var repeatedKey: YAMLError?

    init(limits: JSONLimits, leavingOut leftOut: String? = nil) {
        self.limits = limits
        self.leftOut = leftOut
        (nodes, line, linesPerBreak) = (0, 0, 0)
    }

    /// One that tells lines.
    /// - Parameter nodes: values read before, which count against the limits.
    init(limits: JSONLimits, firstLine: Int, nodes: Int) {
        self.limits = limits
        leftOut = nil
        self.nodes = nodes
        (line, linesPerBreak) = (firstLine, 1)
    }

    mutating func document(_ input: Span<UInt8>) throws(JSONError) -> Node {
        let root = try value(input, depth: 0)
        try expectEnd(input)
        return root
    }

    /// The next of several values; nil at the end.
    mutating func next(_ input: Span<UInt8>) throws(JSONError) -> Node? {
        skipSpace(input)
        return position < input.count ? try value(input, depth: 0) : nil
    }

    /// The first key that an object has had twice since the last call.
    mutating func takeRepeatedKey() -> YAMLError? {
        defer { repeatedKey = nil }
        return repeatedKey
    }

    private mutating func value(_ input: Span<UInt8>, depth: Int) throws(JSONError) -> Node {
        skipSpace(input)
        try count(depth)
        guard let first = peek(input) else { throw JSONError("ends before its value does", at: position) }
        let line = line
        switch first {
        case UInt8(ascii: "\""):
            position += 1
            return Node(.string(try string(input)), line: line)
        case UInt8(ascii: "{"):
            position += 1
            var members = JSONMembers()
            try eachMember(input) { key, parser throws(JSONError) in
                if key == parser.leftOut, try parser.passOverArray(input) { return }
                let keyLine = parser.line
                let isNew = members.insert(key, try parser.value(input, depth: depth + 1))
                if !isNew { parser.note(repeatedKey: key, line: keyLine) }
            }
            return Node(.mapping(members.entries), line: line)
        case UInt8(ascii: "["):
            position += 1
            var elements: [Node] = []
            try eachElement(input) { parser throws(JSONError) in
                elements.append(try parser.value(input, depth: depth + 1))
            }
            return Node(.sequence(elements), line: line)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Node(try number(input), line: line)
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
        return Node(value, line: line)
    }

    private mutating func note(repeatedKey key: String, line: Int) {
        if repeatedKey == nil { repeatedKey = YAMLError("has the key \"\(key)\" twice", line: line) }
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
            case 0x0a:
                position += 1
                line += linesPerBreak
            case 0x20, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }
}
