internal import GatewayAPI

/// Builds documents from events, within the limits.
struct DocumentBuilder: ~Copyable {
    private var events: YAMLEventReader
    private let limits: YAMLLimits
    private var anchors: [String: Anchor] = [:]
    /// What the text has cost, what was read of it before included.
    private(set) var spent: Spent
    /// The first thing that makes the current document unusable.
    private var defect: YAMLError?
    private var dropped: [Node.Entry] = []

    private struct Anchor {
        var node: Node
        /// Values in it, itself included.
        var size: Int
    }

    /// What counts against the limits.
    struct Spent {
        var documents = 0
        var nodes = 0
        var repeatedNodes = 0
    }

    init(_ events: consuming YAMLEventReader, limits: YAMLLimits, spent: Spent) {
        self.events = events
        self.limits = limits
        self.spent = spent
    }

    mutating func stream() throws(YAMLError) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        while true {
            switch try events.next() {
            case .documentStart:
                try countDocument()
                if let document = try document() { documents.append(document) }
            case .streamEnd:
                return documents
            default:
                continue
            }
        }
    }

    private mutating func document() throws(YAMLError) -> YAMLDocument? {
        anchors = [:]
        defect = nil
        dropped = []
        let root = try node(from: try events.next(), depth: 0)
        _ = try events.next()
        if case .null = root.value { return nil }
        return YAMLDocument(root: root, defect: defect, dropped: dropped)
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLError) -> Node {
        let line = events.line
        let sizeBefore = spent.nodes
        try count(1)
        let anchor: String?
        let node: Node
        switch event {
        case .scalar(let scalar):
            anchor = scalar.anchor
            node = Node(value(of: scalar), line: line)
        case .sequenceStart(let name):
            anchor = name
            node = Node(try sequence(depth: try deeper(depth)), line: line)
        case .mappingStart(let name):
            anchor = name
            node = Node(try mapping(depth: try deeper(depth)), line: line)
        case .alias(let name):
            return try target(of: name)
        default:
            throw YAMLError("has no value where one is due", line: line)
        }
        if let anchor { anchors[anchor] = Anchor(node: node, size: spent.nodes - sizeBefore) }
        return node
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> Node.Value {
        var elements: [Node] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event { return .sequence(elements) }
            elements.append(try node(from: event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> Node.Value {
        var members = MappingMembers()
        while true {
            let event = try events.next()
            if case .mappingEnd = event { return .mapping(members.finish()) }
            let line = events.line
            let isMerge = if case .scalar(let scalar) = event { scalar.isPlain && scalar.text == "<<" } else { false }
            let keyNode = try node(from: event, depth: depth)
            let value = try node(from: try events.next(), depth: depth)
            if isMerge {
                try merge(value, into: &members, line: line)
            } else if let key = Self.key(keyNode) {
                if !members.insert(key, value) {
                    note(YAMLError("has the key \"\(key)\" twice", line: line))
                    if dropped.count < limits.droppedMembers { dropped.append(Node.Entry(key: key, value: value)) }
                }
            } else {
                note(YAMLError("has a key that is no string, number or boolean", line: line))
            }
        }
    }

    /// `<<`: the members of a mapping, or of several, where the key is not given otherwise.
    private mutating func merge(_ value: Node, into members: inout MappingMembers, line: Int) throws(YAMLError) {
        let sources: [Node] = if case .sequence(let list) = value.value { list } else { [value] }
        for source in sources {
            guard case .mapping(let entries) = source.value else {
                note(YAMLError("has a merge key << whose value is no mapping", line: line))
                continue
            }
            try countRepeated(entries.count, line: line)
            members.merge(entries)
        }
    }

    private mutating func target(of name: String) throws(YAMLError) -> Node {
        guard let anchor = anchors[name] else {
            note(YAMLError("has an alias *\(name) without its anchor", line: events.line))
            return Node(.null, line: events.line)
        }
        try countRepeated(anchor.size, line: events.line)
        try count(anchor.size)
        return anchor.node
    }

    private mutating func value(of scalar: YAMLScalar) -> Node.Value {
        guard let tag = scalar.tag, tag != "!" else {
            return scalar.isPlain && scalar.tag == nil ? ScalarResolver.resolve(scalar.text) : .string(scalar.text)
        }
        if tag == "tag:yaml.org,2002:str" { return .string(scalar.text) }
        let value = ScalarResolver.resolve(scalar.text)
        switch (tag, value) {
        case ("tag:yaml.org,2002:int", .integer), ("tag:yaml.org,2002:bool", .bool), ("tag:yaml.org,2002:null", .null),
            ("tag:yaml.org,2002:float", .number):
            return value
        case ("tag:yaml.org,2002:float", .integer(let number)):
            return .number(Double(number))
        default:
            note(
                YAMLError(
                    "has a value \"\(scalar.text.prefix(40))\" that does not fit its tag \(tag)", line: events.line))
            return .string(scalar.text)
        }
    }

    /// JSON has only string keys: numbers and booleans become text.
    private static func key(_ node: Node) -> String? {
        switch node.value {
        case .string(let text): text
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .bool(let value): String(value)
        case .null, .sequence, .mapping: nil
        }
    }

    private mutating func note(_ error: YAMLError) {
        if defect == nil { defect = error }
    }

    private func deeper(_ depth: Int) throws(YAMLError) -> Int {
        guard depth < limits.depth else {
            throw YAMLError("is nested deeper than the \(limits.depth) levels allowed", line: events.line)
        }
        return depth + 1
    }

    private mutating func countDocument() throws(YAMLError) {
        spent.documents += 1
        guard spent.documents <= limits.documents else {
            throw YAMLError("has more than the \(limits.documents) documents allowed", line: events.line)
        }
    }

    private mutating func count(_ amount: Int) throws(YAMLError) {
        spent.nodes += amount
        guard spent.nodes <= limits.nodes else {
            throw YAMLError("has more than the \(limits.nodes) values allowed", line: events.line)
        }
    }

    private mutating func countRepeated(_ amount: Int, line: Int) throws(YAMLError) {
        spent.repeatedNodes += amount
        guard spent.repeatedNodes <= limits.repeatedNodes else {
            throw YAMLError("repeats more than the \(limits.repeatedNodes) values that aliases may", line: line)
        }
    }
}
