/// Cuts the elements of one array out of an object's text as it comes: of a list of any length, what is held is one
/// element and the text around the array.
///
/// It looks at quotes, brackets and commas only. Each element, and the rest with an empty array in their place, is left
/// to a reader of JSON to judge: all of them are in order just when the whole text is.
struct JSONElementSplitter {
    /// Bytes of one element, and of everything else together.
    struct Limits {
        var element: Int
        var rest: Int
    }

    private enum Place {
        case outside
        /// Between the brackets of the array; so many elements have been handed on.
        case inside(elements: Int)
    }

    private let key: [UInt8]
    private let limits: Limits
    private var place = Place.outside
    /// Brackets that are open: 1 among the object's own members, 2 between the array's elements.
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// A string that begins now is one of the object's keys.
    private var isKeyNext = false
    /// How much of `key` the object's present key has; nil when it is another one, or none is being read.
    private var matched: Int?
    /// The last key was `key`.
    private var isArrayNext = false
    private var element: [UInt8] = []
    /// The text without the elements.
    private(set) var rest: [UInt8] = []

    /// - Parameter member: the key, which is not recognized when it is written with escapes.
    init(elementsOf member: StaticString, limits: Limits) {
        key = Array(member.description.utf8)
        self.limits = limits
    }

    /// - Parameter take: called with each element that the bytes complete; with nothing where one is missing.
    mutating func feed(
        _ bytes: ArraySlice<UInt8>, _ take: (ArraySlice<UInt8>) -> Void
    ) throws(JSONSplitDefect) {
        let input = bytes.span
        /// Of the bytes that are not put anywhere yet.
        var start = bytes.startIndex
        var offset = 0
        while offset < input.count {
            if isInString {
                inString(input, &offset)
                continue
            }
            let byte = input[offset]
            offset += 1
            let end = bytes.startIndex + offset
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                matched = isKeyNext ? 0 : nil
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard opensArray(byte) else { continue }
                try keep(bytes[start..<end])
                start = end
                place = .inside(elements: 0)
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                if isBetweenElements {
                    start = try betweenElements(bytes[start..<end], take)
                } else {
                    elsewhere(byte)
                }
            default: break
            }
        }
        try keep(bytes[start...])
    }

    /// A bracket opens: whether it is that of the array.
    private mutating func opensArray(_ bracket: UInt8) -> Bool {
        depth += 1
        isKeyNext = depth == 1 && bracket == UInt8(ascii: "{")
        defer { isArrayNext = false }
        return isArrayNext && depth == 2 && bracket == UInt8(ascii: "[")
    }

    /// - Parameter bytes: up to a mark that stands in the array and in none of its elements.
    /// - Returns: from where on they are not put anywhere yet.
    private mutating func betweenElements(
        _ bytes: ArraySlice<UInt8>, _ take: (ArraySlice<UInt8>) -> Void
    ) throws(JSONSplitDefect) -> Int {
        switch bytes.last {
        case UInt8(ascii: ","):
            try complete(bytes.dropLast(), isLast: false, take)
            return bytes.endIndex
        case UInt8(ascii: "]"):
            try complete(bytes.dropLast(), isLast: true, take)
            place = .outside
            depth -= 1
            return bytes.endIndex - 1
        // A colon, or a brace that closes nothing, is a matter of the element.
        default: return bytes.startIndex
        }
    }

    /// A mark within an element, or within the rest.
    private mutating func elsewhere(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
        case UInt8(ascii: ",") where depth == 1:
            isKeyNext = true
            isArrayNext = false
        case UInt8(ascii: ":") where depth == 1:
            isKeyNext = false
        default: break
        }
    }

    private var isBetweenElements: Bool {
        guard depth == 2, case .inside = place else { return false }
        return true
    }

    private mutating func inString(_ input: Span<UInt8>, _ offset: inout Int) {
        // Most of a list is text that says nothing here.
        if !isEscaped, matched == nil {
            while offset < input.count, input[offset] != UInt8(ascii: "\""), input[offset] != UInt8(ascii: "\\") {
                offset += 1
            }
        }
        guard offset < input.count else { return }
        let byte = input[offset]
        offset += 1
        if isEscaped {
            isEscaped = false
            matched = nil
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
            isArrayNext = isKeyNext && matched == key.count
        } else if let count = matched {
            matched = count < key.count && key[count] == byte ? count + 1 : nil
        }
    }

    private mutating func complete(
        _ bytes: ArraySlice<UInt8>, isLast: Bool, _ take: (ArraySlice<UInt8>) -> Void
    ) throws(JSONSplitDefect) {
        guard case .inside(let count) = place else { return }
        place = .inside(elements: count + 1)
        guard element.count + bytes.count <= limits.element else { throw .element(limits.element) }
        if element.isEmpty {
            // Of an empty array there is nothing, or space.
            if isLast, count == 0, bytes.allSatisfy(Self.isSpace) { return }
            return take(bytes)
        }
        element += bytes
        let whole = element
        element = []
        if isLast, count == 0, whole.allSatisfy(Self.isSpace) { return }
        take(whole[...])
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(JSONSplitDefect) {
        switch place {
        case .outside:
            guard rest.count + bytes.count <= limits.rest else { throw .rest(limits.rest) }
            rest += bytes
        case .inside:
            guard element.count + bytes.count <= limits.element else { throw .element(limits.element) }
            element += bytes
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}

/// More than a splitter holds; the number is its limit, in bytes.
enum JSONSplitDefect: Error, Equatable {
    case element(Int)
    case rest(Int)
}
