extension Problem {
    /// One line for people: file:line, object, field, value, message.
    package var oneLine: String {
        var text = file.isEmpty ? "" : line > 0 ? "\(file):\(line): " : "\(file): "
        text += object
        if !field.isEmpty { text += ": \(field)" }
        if !value.isEmpty { text += ": \(value)" }
        return text + ": " + message
    }
}
