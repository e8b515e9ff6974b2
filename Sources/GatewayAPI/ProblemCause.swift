/// Problems of which another may be nothing but the consequence: those of an object, or of a field of it.
package struct ProblemCause: Hashable, Sendable {
    /// As problems call it; `Kind namespace/` stands for all objects of the kind there.
    package var object: String
    /// How the field begins; empty stands for all of them.
    package var field: String
    /// The object is known to be meant.
    package var isCertain: Bool

    package init(_ object: String, field: String = "", isCertain: Bool = true) {
        self.object = object
        self.field = field
        self.isCertain = isCertain
    }

    package init(_ kind: ResourceKind, _ key: ObjectKey, field: String = "", isCertain: Bool = true) {
        self.init(ResourceID(kind: kind, key: key).description, field: field, isCertain: isCertain)
    }

    package var isNamespace: Bool { object.hasSuffix("/") }

    package func covers(_ problem: Problem) -> Bool {
        let isObject = isNamespace ? problem.object.hasPrefix(object) : problem.object == object
        return isObject && problem.field.hasPrefix(field)
    }
}
