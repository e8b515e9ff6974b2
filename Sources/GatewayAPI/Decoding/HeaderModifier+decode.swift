extension HeaderModifier {
    init(_ reader: FieldReader) {
        reader.checkFields(["set", "add", "remove"])
        var seen: Set<String> = []
        func isUsable(_ name: String, _ key: String, _ element: FieldReader.Element) -> Bool {
            // A change that is left out does not stand in the way of one that is not.
            if let refusal = ReservedField.refusal(name, key) {
                reader.context.ignored(element.path, name, refusal, line: element.node.line, id: .reservedHeader)
                return false
            }
            if !seen.insert(name.lowercased()).inserted {
                reader.context.error(
                    element.path, name, "may be named once only in set, add and remove together",
                    line: element.node.line)
            }
            return true
        }
        func fields(_ key: String) -> [Field] {
            Self.limited(key, reader).compactMap { element in
                guard let field = Self.field(element, reader) else { return nil }
                return isUsable(field.name, key, element) ? field : nil
            }
        }
        let (set, add) = (fields("set"), fields("add"))
        let remove = Self.limited("remove", reader).compactMap { element -> String? in
            guard let name = reader.context.string(element.node, at: element.path, .headerName) else { return nil }
            return isUsable(name, "remove", element) ? name : nil
        }
        self.init(set: set, add: add, remove: remove)
    }

    private static func field(_ element: FieldReader.Element, _ reader: FieldReader) -> Field? {
        guard let field = FieldReader(element.node, at: element.path, in: reader.context) else { return nil }
        field.checkFields(["name", "value"])
        let name = field.requiredString("name", .headerName)
        let value = field.requiredString("value", .headerValue)
        guard let name, let value else { return nil }
        return Field(name: name, value: value)
    }

    private static func limited(_ key: String, _ reader: FieldReader) -> [FieldReader.Element] {
        let elements = reader.elements(key) ?? []
        if elements.count > ResourceLimits.headerChanges {
            reader.error(key, "must have at most \(ResourceLimits.headerChanges) entries, not \(elements.count)")
        }
        return elements
    }
}
