/// Reads the fields of one mapping, knows where it is, and says what is wrong with what it reads.
///
/// Every reading function returns nil both for an absent field and for one that is wrong; the latter has been recorded
/// in the context, whose scope turns into a defect.
package struct FieldReader {
    let entries: [Node.Entry]
    let path: FieldPath
    let line: Int
    let context: DecodingContext

    /// Nil, with an error recorded, when the node is no mapping.
    package init?(_ node: Node, at path: FieldPath, in context: DecodingContext) {
        guard case .mapping(let entries) = node.value else {
            context.error(path, node.text, "must be a mapping, not \(node.typeName)", line: node.line, id: .wrongType)
            return nil
        }
        self.entries = entries
        self.path = path
        self.line = node.line
        self.context = context
    }

    /// One element of a list, with where it is.
    struct Element {
        let node: Node
        let path: FieldPath
        let index: Int
    }

    /// The field's node; null counts as absent.
    func node(_ key: String) -> Node? {
        for entry in entries where entry.key == key {
            return entry.value.isNull ? nil : entry.value
        }
        return nil
    }

    func path(_ key: String) -> FieldPath { .field(path, key) }

    func has(_ key: String) -> Bool { node(key) != nil }

    /// Says an error about a field of this mapping, with its value as written.
    func error(_ key: String, _ message: String, id: ProblemID = .invalidValue) {
        let node = node(key)
        context.error(path(key), node?.text ?? "", message, line: node?.line ?? line, id: id)
    }

    func warning(_ key: String, _ message: String, id: ProblemID = .invalidValue) {
        let node = node(key)
        context.warning(path(key), node?.text ?? "", message, line: node?.line ?? line, id: id)
    }

    /// Says that a value has no effect: of a file its owner is to know, in a cluster others may have a use for it.
    func unserved(_ key: String, _ message: String) {
        let node = node(key)
        let (text, line) = (node?.text ?? "", node?.line ?? line)
        if context.tellsIgnoredFields {
            context.ignored(path(key), text, message, line: line, id: .unservedField)
        } else {
            context.warning(path(key), text, message, line: line, id: .unservedField)
        }
    }

    /// Says that a field which has to be there is not.
    func missing(_ key: String, _ message: String = "is required") {
        error(key, message, id: .missingField)
    }

    /// Says an error about every field that nothing here reads.
    /// - Parameters:
    ///   - unused: fields of the standard that have no effect on what a proxy does.
    ///   - unserved: fields of the standard that have one, which this version leaves out.
    ///   - inner: fields of `spec`, which may stand here for want of indentation.
    func checkFields(_ known: [String], unused: [String] = [], unserved: [String] = [], inner: [String] = []) {
        for entry in entries where !known.contains(entry.key) && !unused.contains(entry.key) {
            if unserved.contains(entry.key) {
                guard !entry.value.isNull else { continue }
                context.ignored(
                    path(entry.key), entry.value.text, "is not implemented", line: entry.value.line, id: .unservedField)
            } else {
                context.unknownField(
                    path(entry.key), entry.key, entry.value, known: known + unused + unserved, inner: inner)
            }
        }
    }

    func string(_ key: String, _ rule: StringRule = .any) -> String? {
        guard let node = node(key) else { return nil }
        return context.string(node, at: path(key), rule)
    }

    func requiredString(_ key: String, _ rule: StringRule = .any) -> String? {
        guard has(key) else {
            missing(key)
            return nil
        }
        return string(key, rule)
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let node = node(key) else { return nil }
        return context.integer(node, at: path(key), in: range)
    }

    func port(_ key: String) -> UInt16? {
        integer(key, in: 1...65_535).map(UInt16.init(truncatingIfNeeded:))
    }

    func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .bool(let value) = node.value else {
            error(key, "must be true or false, not \(node.typeName)", id: .wrongType)
            return nil
        }
        return value
    }

    func mapping(_ key: String) -> FieldReader? {
        guard let node = node(key) else { return nil }
        return FieldReader(node, at: path(key), in: context)
    }

    func requiredMapping(_ key: String) -> FieldReader? {
        guard has(key) else {
            missing(key)
            return nil
        }
        return mapping(key)
    }

    /// The elements of a list, empty when it is absent. Nil when the field is no list.
    func elements(_ key: String) -> [Element]? {
        guard let node = node(key) else { return [] }
        guard case .sequence(let nodes) = node.value else {
            error(key, "must be a list, not \(node.typeName)", id: .wrongType)
            return nil
        }
        let listPath = path(key)
        return nodes.enumerated().map { Element(node: $1, path: .element(listPath, $0), index: $0) }
    }

    /// A mapping of strings to strings, as labels. An entry that is no string is reported and left out.
    func stringMap(_ key: String) -> [String: String] {
        guard let reader = mapping(key) else { return [:] }
        var map: [String: String] = [:]
        map.reserveCapacity(reader.entries.count)
        for entry in reader.entries {
            if let value = context.string(entry.value, at: reader.path(entry.key), .any) { map[entry.key] = value }
        }
        return map
    }
}

extension DecodingContext {
    func string(_ node: Node, at path: FieldPath, _ rule: StringRule) -> String? {
        guard case .string(let value) = node.value else {
            error(
                path, node.text, "must be a string, not \(node.typeName)\(node.quotingAdvice)", line: node.line,
                id: .wrongType)
            return nil
        }
        if let broken = rule.brokenRule(value) {
            error(path, value, broken, line: node.line)
            return nil
        }
        return value
    }

    func integer(_ node: Node, at path: FieldPath, in range: ClosedRange<Int64>) -> Int64? {
        let rule = "must be \(range.lowerBound)..\(range.upperBound)"
        switch node.value {
        case .integer(let value) where range.contains(value):
            return value
        // JSON has one number type: 80.0 is 80.
        case .number(let value) where Int64(exactly: value).map(range.contains) ?? false:
            return Int64(exactly: value)
        case .integer, .number:
            error(path, node.text, rule, line: node.line)
        default:
            error(
                path, node.text, "must be an integer, not \(node.typeName); \(rule)", line: node.line, id: .wrongType)
        }
        return nil
    }
}
