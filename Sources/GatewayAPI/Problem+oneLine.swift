extension Problem {
    /// One line for people: file:line, object, field, value, message. Only what a terminal shows as it is.
    package var oneLine: String {
        var text = file.isEmpty ? "" : line > 0 ? "\(file):\(line): " : "\(file): "
        text += object
        if !field.isEmpty { text += ": \(field)" }
        if !value.isEmpty { text += ": \(value)" }
        return VisibleText.of(text + ": " + message)
    }

    /// `oneLine` with how grave it is before, and the id of its kind behind: as commands print it.
    package var report: String { "\(severity.rawValue): \(oneLine) [\(id)]" }
}
