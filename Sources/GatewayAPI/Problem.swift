/// Something wrong with one object of a source, said so that its owner can mend it.
package struct Problem: Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// A rule would answer 500, be ignored, or the object is not used.
        case error
        case warning
    }

    package var severity: Severity
    package var id: ProblemID
    /// Kinds of which an object more, or one with other contents, could be all it takes for there to be no such
    /// problem; empty when it is certain whatever else there is. For whoever has not read everything; it is not shown.
    package var dependsOn: ResourceKinds
    /// Of what it would be the consequence, the nearest first; for the order in which problems are told.
    package var follows: [ProblemCause]
    /// Some of these have been found to be wrong, and the message says so.
    package var hasCause = false
    /// `Kind namespace/name`, or the file when there is no object.
    package var object: String
    /// Path inside the object, as `spec.rules[2].matches[0].path.value`; empty when it is the whole object.
    package var field: String
    /// The offending value as written, shortened.
    package var value: String
    /// What is allowed and what follows: "must be 0..1000000; this backend's share answers 500".
    package var message: String
    package var file: String
    /// 1-based; 0 when unknown.
    package var line: Int

    package init(
        severity: Severity, id: ProblemID, object: String, field: String = "", value: String = "",
        message: String, dependsOn: ResourceKinds = [], follows: [ProblemCause] = [], file: String = "", line: Int = 0
    ) {
        self.severity = severity
        self.id = id
        self.dependsOn = dependsOn
        self.follows = follows
        self.object = object
        self.field = field
        self.value = value
        self.message = message
        self.file = file
        self.line = line
    }
}
