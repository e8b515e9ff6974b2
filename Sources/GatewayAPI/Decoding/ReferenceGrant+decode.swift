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
        reader.checkReferrer(group: group, kind: kind)
        self.init(group: group, kind: kind, namespace: namespace)
    }
}

extension FieldReader {
    /// Kinds that refer to objects of other namespaces, all of one group.
    private static let referrers = [
        "Gateway", "GRPCRoute", "HTTPRoute", "ListenerSet", "TCPRoute", "TLSRoute", "UDPRoute",
    ]

    /// A slip in the kind or group of who may refer permits nobody; kinds of others are theirs.
    fileprivate func checkReferrer(group: String, kind: String) {
        let home = ResourceKind.httpRoute.group
        if KnownKinds.isKubernetes(group) || Spelling.nearest(to: group, among: [home]) != nil,
            !Self.referrers.contains(kind),
            let meant = Spelling.nearest(to: kind, among: Self.referrers)
        {
            error("kind", "is no kind that refers to others (\(meant) is)")
        } else if group != home, Self.referrers.contains(kind),
            KnownKinds.isKubernetes(group) || Spelling.nearest(to: group, among: [home]) != nil
        {
            error("group", "is not the group of \(kind), which is \(home)")
        }
    }
}

extension FieldReader {
    /// Kinds of the core group that routes and listeners refer to.
    private static let targets = ["ConfigMap", "Secret", "Service"]

    /// A slip in what may be referred to permits nothing.
    fileprivate func checkTarget(group: String, kind: String) {
        guard KnownKinds.isKubernetes(group) else { return }
        let isCore = group.isEmpty || ["core", "v1"].contains(group)
        if isCore, !Self.targets.contains(kind),
            let meant = Spelling.nearest(to: kind, among: Self.targets, mistakes: 2)
        {
            error("kind", "is no kind that is referred to (\(meant) is)")
        } else if !group.isEmpty, Self.targets.contains(kind) {
            error("group", "is not the group of \(kind), which is \"\"")
        }
    }
}

extension ReferenceGrant.To {
    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "name"])
        let group = reader.requiredString("group", .group)
        let name = reader.string("name", .length(0...253))
        guard let kind = reader.requiredString("kind", .kind), let group else { return nil }
        reader.checkTarget(group: group, kind: kind)
        self.init(group: group, kind: kind, name: name?.isEmpty == true ? nil : name)
    }
}
