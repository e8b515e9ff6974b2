/// Collects what is wrong with one object while its fields are read.
///
/// Scopes nest: an error inside a scope becomes the defect of the innermost one, which is the smallest thing that is wrong,
/// and is said with that scope's consequence.
package final class DecodingContext {
    /// A hostile object must not turn into an unbounded report.
    static let maximumProblems = 100
    private static let maximumValueLength = 80

    package private(set) var problems: [Problem] = []
    private let object: String
    private let file: String
    private let isConfidential: Bool
    private var consequence: String
    private var defect: String?

    /// - Parameters:
    ///   - object: `Kind namespace/name` as it appears in problems.
    ///   - isConfidential: no value of the object is quoted, wherever it stands.
    package init(
        object: String, file: String, consequence: String = "the object is not used", isConfidential: Bool = false
    ) {
        self.object = object
        self.file = file
        self.isConfidential = isConfidential
        self.consequence = consequence
    }

    /// Why the object as a whole cannot be used: the first error outside of every inner scope.
    package var objectDefect: String? { defect }

    /// Reads one thing that can be wrong on its own; `defect` is its first error in a sentence.
    func scope<T>(_ consequence: String, _ body: () -> T) -> (value: T, defect: String?) {
        let outer = (self.consequence, self.defect)
        self.consequence = consequence
        self.defect = nil
        let value = body()
        let inner = self.defect
        (self.consequence, self.defect) = outer
        return (value, inner)
    }

    func error(_ path: FieldPath, _ value: String, _ message: String, line: Int) {
        let field = path.description
        let shown = shorten(value)
        if defect == nil {
            let subject = field.isEmpty ? object : field
            defect = shown.isEmpty ? "\(subject) \(message)" : "\(subject) \"\(shown)\" \(message)"
        }
        record(.error, field, shown, "\(message); \(consequence)", line)
    }

    func warning(_ path: FieldPath, _ value: String, _ message: String, line: Int) {
        record(.warning, path.description, shorten(value), message, line)
    }

    private func record(_ severity: Problem.Severity, _ field: String, _ value: String, _ message: String, _ line: Int)
    {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(
            Problem(
                severity: severity, object: object, field: field, value: value, message: message, file: file, line: line
            ))
    }

    /// What is shown of a value: nothing of secrets, a beginning of what is long, and nothing that breaks a line.
    private func shorten(_ value: String) -> String {
        if isConfidential { return "" }
        let shown =
            value.count <= Self.maximumValueLength ? value : value.prefix(Self.maximumValueLength) + "..."
        guard shown.unicodeScalars.contains(where: Self.isControl) else { return shown }
        return shown.unicodeScalars.map { Self.isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
