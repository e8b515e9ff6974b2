extension HeaderModifier {
    init(_ reader: FieldReader) {
        reader.checkFields(["set", "add", "remove"])
        self.init(set: Self.fields("set", reader), add: Self.fields("add", reader), remove: Self.names(reader))
        var seen: Set<String> = []
        for (key, names) in [("set", set.map(\.name)), ("add", add.map(\.name)), ("remove", remove)] {
            for name in names where !seen.insert(name.lowercased()).inserted {
                reader.error(key, "names \(name), which may be named once only in set, add and remove together")
            }
        }
    }

    private static func fields(_ key: String, _ reader: FieldReader) -> [Field] {
        limited(key, reader).compactMap { element in
            guard let field = FieldReader(element.node, at: element.path, in: reader.context) else { return nil }
            field.checkFields(["name", "value"])
            let name = field.requiredString("name", .headerName)
            let value = field.requiredString("value", .headerValue)
            guard let name, let value else { return nil }
            return Field(name: name, value: value)
        }
    }

    private static func names(_ reader: FieldReader) -> [String] {
        limited("remove", reader).compactMap { reader.context.string($0.node, at: $0.path, .headerName) }
    }

    private static func limited(_ key: String, _ reader: FieldReader) -> [FieldReader.Element] {
        let elements = reader.elements(key) ?? []
        if elements.count > ResourceLimits.headerChanges {
            reader.error(key, "must have at most \(ResourceLimits.headerChanges) entries, not \(elements.count)")
        }
        return elements
    }
}
