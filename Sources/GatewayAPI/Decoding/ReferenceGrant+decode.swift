extension ReferenceGrant {
    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(["from", "to"])
        guard let from = Self.elements("from", spec), let to = Self.elements("to", spec) else { return nil }
        // An entry that cannot be read grants nothing; the others stand.
        self.init(
            metadata: metadata,
            from: from.compactMap { Self.entry($0, spec.context, From.init) },
            to: to.compactMap { Self.entry($0, spec.context, To.init) })
    }

    private static func elements(_ key: String, _ spec: FieldReader) -> [FieldReader.Element]? {
        guard let elements = spec.elements(key) else { return nil }
        guard (1...ResourceLimits.grantEntries).contains(elements.count) else {
            spec.error(key, "must have 1..\(ResourceLimits.grantEntries) entries, not \(elements.count)")
            return nil
        }
        return elements
    }

    private static func entry<Entry>(
        _ element: FieldReader.Element, _ context: DecodingContext, _ read: (FieldReader) -> Entry?
    ) -> Entry? {
        let (entry, defect) = context.scope("this entry grants nothing") {
            FieldReader(element.node, at: element.path, in: context).flatMap(read)
        }
        return defect == nil ? entry : nil
    }
}

extension ReferenceGrant.From {
    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "namespace"])
        let group = reader.requiredString("group", .group)
        let kind = reader.requiredString("kind", .kind)
        guard let namespace = reader.requiredString("namespace", .label), let group, let kind else { return nil }
        self.init(group: group, kind: kind, namespace: namespace)
    }
}

extension ReferenceGrant.To {
    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "name"])
        let group = reader.requiredString("group", .group)
        let name = reader.string("name", .length(0...253))
        guard let kind = reader.requiredString("kind", .kind), let group else { return nil }
        self.init(group: group, kind: kind, name: name?.isEmpty == true ? nil : name)
    }
}
