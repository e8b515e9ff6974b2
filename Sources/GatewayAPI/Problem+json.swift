extension Problem {
    /// For programs; `line` is 0 and texts are empty when unknown.
    package var json: JSONText {
        .object([
            ("severity", .string(severity.rawValue)), ("id", .string(id.description)), ("file", .string(file)),
            ("line", .number(Int64(line))),
            ("object", .string(object)), ("field", .string(field)), ("value", .string(value)),
            ("message", .string(message)),
        ])
    }
}
