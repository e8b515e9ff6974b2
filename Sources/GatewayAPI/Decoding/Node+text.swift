extension Node {
    /// The value as it is quoted to its owner.
    var text: String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string(let value): value
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// What it is, for "must be a string, not ...".
    var typeName: String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// How to turn the value into the string that was meant.
    var quotingAdvice: String {
        switch value {
        case .bool: " (quote it: unquoted y, yes, on, n, no and off are booleans)"
        case .integer, .number: " (quote it)"
        case .null, .string, .sequence, .mapping: ""
        }
    }

    /// Kubernetes treats `key: null` like an absent key.
    var isNull: Bool {
        if case .null = value { true } else { false }
    }
}
