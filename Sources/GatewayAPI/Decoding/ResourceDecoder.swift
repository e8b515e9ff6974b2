/// Turns one parsed document into a resource.
package enum ResourceDecoder {
    package enum Outcome: Sendable {
        case resource(ResourceID, Resource)
        /// The object cannot be used. Its name is known if it could be read; of a route there is then something left.
        case refused(ResourceID?, remains: UnservedRoute? = nil)
        /// A kind that no proxy reads.
        case passedOver
    }

    private static let objectFields = ["apiVersion", "kind", "metadata"]

    /// Decodes one object (no `List`). What is wrong with it is appended to `problems`, in the order of the fields.
    /// - Parameters:
    ///   - defect: what its reader found wrong with the text, which refuses the object.
    ///   - dropped: members that repeat a key, which the document is without.
    package static func decode(
        _ document: Node, file: String, defect: (message: String, line: Int)? = nil, dropped: [Node.Entry] = [],
        problems: inout [Problem]
    ) -> Outcome {
        guard let kind = kind(of: document, file: file, problems: &problems) else {
            return missingKind(document, file: file, problems: &problems) ? .refused(nil) : .passedOver
        }
        let key = document["metadata"].flatMap { ObjectMeta.key(of: $0, isNamespaced: kind.isNamespaced) }
        let id = key.map { ResourceID(kind: kind, key: $0) }
        let context = DecodingContext(
            object: id?.description ?? kind.rawValue, file: file, isConfidential: kind == .secret)
        if let defect { context.error(.root, "", defect.message, line: defect.line) }
        let resource = read(kind, document, context)
        problems += context.problems
        guard let id, let resource, context.objectDefect == nil else {
            return .refused(id, remains: id.flatMap { remains(of: document, $0, dropped, context) })
        }
        return .resource(id, resource)
    }

    /// What must not be forgotten of an object that cannot be used.
    private static func remains(
        of document: Node, _ id: ResourceID, _ dropped: [Node.Entry], _ context: DecodingContext
    ) -> UnservedRoute? {
        guard id.kind == .httpRoute else { return nil }
        let reason = "cannot be read: \(context.objectDefect ?? "it is not complete")"
        return UnservedRoute(document, id: id, dropped: dropped, reason: reason)
    }

    /// The kind, when it is one of ours in a version that can be read.
    private static func kind(of document: Node, file: String, problems: inout [Problem]) -> ResourceKind? {
        guard case .string(let name)? = document["kind"]?.value, let kind = ResourceKind(rawValue: name),
            case .string(let apiVersion)? = document["apiVersion"]?.value
        else { return nil }
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        let group = parts.count == 2 ? String(parts[0]) : ""
        guard group == kind.group, let version = parts.last, parts.count <= 2 else {
            noteForeignGroup(kind, group, document, file: file, problems: &problems)
            return nil
        }
        if !kind.versions.contains(String(version)) {
            problems.append(
                Problem(
                    severity: .warning, object: name, field: "apiVersion", value: apiVersion,
                    message:
                        "is not a known version (\(kind.versions.joined(separator: ", "))); it is read as \(kind.versions[0])",
                    file: file, line: document["apiVersion"]?.line ?? document.line))
        }
        return kind
    }

    /// Others have a Gateway, Service or Backend of their own; any other kind of ours in a strange group may be a slip.
    private static func noteForeignGroup(
        _ kind: ResourceKind, _ group: String, _ document: Node, file: String, problems: inout [Problem]
    ) {
        guard group.isEmpty || ![.gateway, .service, .backend].contains(kind) else { return }
        problems.append(
            Problem(
                severity: .warning, object: kind.rawValue, field: "apiVersion",
                value: document["apiVersion"]?.text ?? "",
                message: "is not the group that this kind is read from (\(kind.group)); the object is not used",
                file: file, line: document["apiVersion"]?.line ?? document.line))
    }

    /// Reports a document that is no Kubernetes object at all; false when it is one of an unknown kind.
    private static func missingKind(_ document: Node, file: String, problems: inout [Problem]) -> Bool {
        let context = DecodingContext(object: file, file: file, consequence: "the document is not used")
        if let reader = FieldReader(document, at: .root, in: context) {
            _ = reader.requiredString("apiVersion", .length(1...317))
            _ = reader.requiredString("kind", .length(1...63))
        }
        problems += context.problems
        return context.objectDefect != nil
    }

    private static func read(_ kind: ResourceKind, _ document: Node, _ context: DecodingContext) -> Resource? {
        guard let object = FieldReader(document, at: .root, in: context),
            let metadataReader = object.requiredMapping("metadata"),
            let metadata = ObjectMeta(metadataReader, isNamespaced: kind.isNamespaced)
        else { return nil }
        if kind == .endpointSlice {
            object.checkFields(objectFields + EndpointSlice.fields)
            return EndpointSlice(object, metadata: metadata).map(Resource.endpointSlice)
        }
        if kind == .secret {
            object.checkFields(objectFields + Secret.fields, unused: ["immutable"])
            return .secret(Secret(object, metadata: metadata))
        }
        object.checkFields(objectFields, unused: ["spec", "status"])
        if kind == .namespace {
            return .namespace(Namespace(object.mapping("spec"), metadata: metadata))
        }
        guard let spec = object.requiredMapping("spec") else { return nil }
        return switch kind {
        case .gatewayClass: GatewayClass(spec, metadata: metadata).map(Resource.gatewayClass)
        case .gateway: Gateway(spec, metadata: metadata).map(Resource.gateway)
        case .httpRoute: HTTPRoute(spec, metadata: metadata).map(Resource.httpRoute)
        case .service: Service(spec, metadata: metadata).map(Resource.service)
        case .referenceGrant: ReferenceGrant(spec, metadata: metadata).map(Resource.referenceGrant)
        case .backend: .backend(Backend(spec, metadata: metadata))
        case .endpointSlice, .namespace, .secret: nil
        }
    }
}
