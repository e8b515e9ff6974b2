internal import GatewayAPI

/// Which objects of a kind are asked for.
struct ObjectScope: Hashable {
    /// nil: of all namespaces.
    var namespace: String?
    var name: String?
    var labels = LabelSelector()

    /// - Parameter fields: `metadata.name=X`, `metadata.namespace=Y`, or both with a comma between.
    /// - Throws: `SelectorError` for any other.
    init(namespace: String?, labels: String, fields: String) throws(SelectorError) {
        self.namespace = namespace
        self.labels = try LabelSelector(labels)
        guard fields.utf8.count <= ServedAPILimits.selectorBytes else { throw SelectorError("is too long") }
        for field in fields.split(separator: ",") { try require(field) }
    }

    private mutating func require(_ field: Substring) throws(SelectorError) {
        guard let sign = field.firstRange(of: "==") ?? field.firstRange(of: "="), !field.contains("!") else {
            throw SelectorError("'\(field.prefix(80))' is not of the form field=value")
        }
        let value = String(field[sign.upperBound...])
        switch field[..<sign.lowerBound] {
        case "metadata.name": name = value
        case "metadata.namespace" where namespace == nil || namespace == value: namespace = value
        case "metadata.namespace":
            throw SelectorError("metadata.namespace=\(value.prefix(80)) is not the namespace of the path")
        default: throw SelectorError("only metadata.name and metadata.namespace can be selected by")
        }
    }

    func matches(_ object: ServedObject) -> Bool {
        if let namespace, object.key.namespace != namespace { return false }
        if let name, object.key.name != name { return false }
        return labels.matches(object)
    }

    var isEverything: Bool { namespace == nil && name == nil && labels.requirements.isEmpty }
}
