extension ObjectMeta {
    private static let known = ["name", "namespace", "labels", "annotations", "creationTimestamp", "generation"]
    private static let unused = [
        "generateName", "uid", "resourceVersion", "managedFields", "ownerReferences", "finalizers", "selfLink",
        "deletionTimestamp", "deletionGracePeriodSeconds", "clusterName",
    ]

    /// What identifies an object, readable before anything else of it: nil without a usable name.
    static func key(of metadata: Node, isNamespaced: Bool) -> ObjectKey? {
        guard case .string(let name)? = metadata["name"]?.value, ResourceName.isSubdomain(name) else { return nil }
        guard isNamespaced else { return ObjectKey(namespace: "", name: name) }
        guard let namespace = metadata["namespace"], !namespace.isNull else {
            return ObjectKey(namespace: "default", name: name)
        }
        guard case .string(let text) = namespace.value, ResourceName.isLabel(text) else { return nil }
        return ObjectKey(namespace: text, name: name)
    }

    init?(_ reader: FieldReader, isNamespaced: Bool) {
        let context = reader.context
        _ = context.scope("it is ignored") { reader.checkFields(Self.known, unused: Self.unused) }
        let name = reader.requiredString("name", .subdomain)
        let namespace = isNamespaced ? reader.string("namespace", .label) ?? "default" : ""
        guard let name, context.objectDefect == nil else { return nil }
        let labels = context.scope("this label is ignored") { reader.stringMap("labels") }.value
        let annotations = context.scope("this annotation is ignored") { reader.stringMap("annotations") }.value
        let details = context.scope("the field is ignored") {
            (created: Self.creation(reader), generation: reader.integer("generation", in: 0...Int64.max) ?? 0)
        }.value
        self.init(
            key: ObjectKey(namespace: namespace, name: name), labels: labels, annotations: annotations,
            creationTimestamp: details.created, generation: details.generation)
    }

    /// Of an object that is read with forbearance: its age and generation, as far as they can be read.
    init(legible document: Node, key: ObjectKey) {
        let metadata = document["metadata"]
        self.init(
            key: key, creationTimestamp: metadata?["creationTimestamp"]?.stringValue.flatMap(Timestamp.parse),
            generation: metadata?["generation"]?.integerValue ?? 0)
    }

    private static func creation(_ reader: FieldReader) -> Int64? {
        guard let text = reader.string("creationTimestamp") else { return nil }
        guard let seconds = Timestamp.parse(text) else {
            reader.error("creationTimestamp", "must be an RFC 3339 time, as 2024-05-01T10:00:00Z")
            return nil
        }
        return seconds
    }
}
