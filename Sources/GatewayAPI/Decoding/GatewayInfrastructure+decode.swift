extension GatewayInfrastructure {
    private static let consequence = "it is ignored"

    static func decode(_ gateway: FieldReader) -> GatewayInfrastructure? {
        gateway.context.scope(consequence) { () -> GatewayInfrastructure? in
            guard let reader = gateway.mapping("infrastructure") else { return nil }
            reader.checkFields(["labels", "annotations", "parametersRef"])
            return GatewayInfrastructure(
                labels: texts("labels", reader, limit: ResourceLimits.infrastructureLabels, areLabels: true),
                annotations: texts(
                    "annotations", reader, limit: ResourceLimits.infrastructureAnnotations, areLabels: false),
                parametersRef: ParametersReference.decode(reader, isNamespaced: false))
        }.value
    }

    /// Entries that an API server would refuse are left out; each of them alone.
    private static func texts(
        _ field: String, _ reader: FieldReader, limit: Int, areLabels: Bool
    ) -> [String: String] {
        guard let entries = reader.mapping(field) else { return [:] }
        var texts: [String: String] = [:]
        for entry in entries.entries {
            let path = entries.path(entry.key)
            guard LabelSyntax.isKey(entry.key) else {
                reader.context.error(path, "", "the key \(LabelSyntax.keyRule)", line: entry.value.line)
                continue
            }
            let rule = areLabels ? StringRule.when({ LabelSyntax.isValue($0) }, LabelSyntax.valueRule) : .any
            guard let value = reader.context.string(entry.value, at: path, rule) else { continue }
            guard texts.count < limit else {
                reader.error(field, "must have at most \(limit) entries")
                break
            }
            texts[entry.key] = value
        }
        return texts
    }
}

extension ParametersReference {
    /// `parametersRef`; one that cannot be read carries a defect, for it must not be taken for an absent one.
    static func decode(_ owner: FieldReader, isNamespaced: Bool) -> ParametersReference? {
        guard owner.has("parametersRef") else { return nil }
        var (reference, defect) = owner.context.scope("the object is not accepted") { () -> ParametersReference? in
            guard let reader = owner.mapping("parametersRef") else { return nil }
            reader.checkFields(["group", "kind", "name"] + (isNamespaced ? ["namespace"] : []))
            return ParametersReference(
                group: reader.requiredString("group", .group) ?? "", kind: reader.requiredString("kind", .kind) ?? "",
                namespace: isNamespaced ? reader.string("namespace", .label) : nil,
                name: reader.requiredString("name", .referenceName) ?? "")
        }
        if let defect {
            reference = reference ?? ParametersReference(group: "", kind: "", name: "")
            reference?.defect = defect
        }
        return reference
    }
}

extension GatewayAddress {
    static func list(_ gateway: FieldReader) -> [GatewayAddress] {
        let elements = gateway.context.scope("no address is asked for") { gateway.elements("addresses") ?? [] }.value
        if elements.count > ResourceLimits.addresses {
            _ = gateway.context.scope("the others are ignored") {
                gateway.error("addresses", "must have at most \(ResourceLimits.addresses) entries")
            }
        }
        return elements.prefix(ResourceLimits.addresses).compactMap { element in
            gateway.context.scope("this address is not asked for") { () -> GatewayAddress? in
                guard let reader = FieldReader(element.node, at: element.path, in: gateway.context) else { return nil }
                reader.checkFields(["type", "value"])
                let type = reader.string("type", .length(1...253)) ?? ipAddress
                let rule = StringRule.when(
                    { type != ipAddress || $0.isEmpty || IPAddress($0) != nil }, "must be an IP address or empty")
                // An address that is none is kept: it is for the Gateway's status to say that it cannot be used.
                _ = reader.string("value", rule)
                return GatewayAddress(type: type, value: reader.node("value")?.stringValue ?? "")
            }.value
        }
    }
}
