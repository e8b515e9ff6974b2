/// Collects what is wrong with one object while its fields are read.
///
/// Scopes nest: an error inside a scope becomes the defect of the innermost one, which is the smallest thing that is
/// wrong, and is said with that scope's consequence.
package final class DecodingContext {
    /// A hostile object must not turn into an unbounded report.
    static let maximumProblems = 100
    private static let maximumValueLength = 80
    /// Names of members of a hostile object are as long as it likes.
    private static let maximumFieldLength = 300

    /// In the order of the fields; what is missing because of a misspelt field says so.
    package var problems: [Problem] {
        misspelt.isEmpty ? recorded : recorded.map(following)
    }

    private var recorded: [Problem] = []
    /// Fields that were not known, by the one that each was probably meant to be.
    private var misspelt: [String: String] = [:]
    private let object: String
    private let file: String
    private let isConfidential: Bool
    private let unknownFields: UnknownFields
    private var depth = 0
    private var consequence: String
    private var defect: String?

    /// What becomes of a field that is not known.
    package enum UnknownFields {
        /// It spoils the smallest thing that it stands in: who wrote it meant something that would not be done.
        case spoil
        /// The same but for fields of the object itself.
        case spoilParts
        /// It is ignored, which is said.
        case tell
        /// Whoever sent the object has judged it.
        case pass
    }

    /// - Parameters:
    ///   - object: `Kind namespace/name` as it appears in problems.
    ///   - isConfidential: no value of the object is quoted, wherever it stands.
    package init(
        object: String, file: String, consequence: String = "the object is not used", isConfidential: Bool = false,
        unknownFields: UnknownFields = .spoil
    ) {
        self.unknownFields = unknownFields
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
        depth += 1
        let value = body()
        depth -= 1
        let inner = self.defect
        (self.consequence, self.defect) = outer
        return (value, inner)
    }

    func error(
        _ path: FieldPath, _ value: String, _ message: String, line: Int, id: ProblemID = .invalidValue
    ) {
        let field = path.description
        let shown = shorten(value)
        if defect == nil {
            let subject = field.isEmpty ? object : field
            defect = shown.isEmpty ? "\(subject) \(message)" : "\(subject) \"\(shown)\" \(message)"
        }
        record(.error, id, field, shown, "\(message); \(consequence)", line)
    }

    func warning(
        _ path: FieldPath, _ value: String, _ message: String, line: Int, id: ProblemID = .invalidValue
    ) {
        record(.warning, id, path.description, shorten(value), message, line)
    }

    /// An error about what is ignored and spoils nothing.
    func ignored(_ path: FieldPath, _ value: String, _ message: String, line: Int, id: ProblemID) {
        record(.error, id, path.description, shorten(value), "\(message); it is ignored", line)
    }

    func tell(_ verdict: KnownKinds.Verdict, line: Int) {
        record(verdict.severity, verdict.id, verdict.field, shorten(verdict.value), verdict.message, line)
    }

    /// Whether what an object asks for in vain is to be said.
    var tellsIgnoredFields: Bool { unknownFields != .pass }

    /// - Parameters:
    ///   - known: the fields that could have been meant.
    ///   - inner: fields of `spec` that could.
    func unknownField(_ path: FieldPath, _ name: String, _ value: Node, known: [String], inner: [String] = []) {
        guard unknownFields != .pass, recorded.count < Self.maximumProblems else { return }
        let nearest = Spelling.nearest(to: name, among: known)
        if let nearest { misspelt[path.sibling(nearest).description] = path.description }
        let meant = inner.contains(name) ? "spec.\(name)" : nearest
        let message = "is not a known field" + (meant.map { " (\($0) is)" } ?? "")
        let spoils = unknownFields == .spoil || (unknownFields == .spoilParts && depth > 0)
        if spoils {
            error(path, value.text, message, line: value.line, id: .unknownField)
        } else {
            ignored(path, value.text, message, line: value.line, id: .unknownField)
        }
    }

    private func record(
        _ severity: Problem.Severity, _ id: ProblemID, _ field: String, _ value: String, _ message: String, _ line: Int
    ) {
        guard recorded.count < Self.maximumProblems else { return }
        recorded.append(
            Problem(
                severity: severity, id: id, object: object,
                field: VisibleText.of(field, bytes: Self.maximumFieldLength), value: value,
                message: message, file: file, line: line))
    }

    private func following(_ problem: Problem) -> Problem {
        guard problem.id != .unknownField, let field = misspelt[problem.field] else { return problem }
        var problem = problem
        problem.follows.append(ProblemCause(object, field: field))
        return problem
    }

    /// What is shown of a value: nothing of secrets, a beginning of what is long, and nothing that breaks a line.
    private func shorten(_ value: String) -> String {
        isConfidential ? "" : VisibleText.of(value, bytes: Self.maximumValueLength)
    }
}
