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
            return passOver(document, file: file, problems: &problems)
        }
        let key = document["metadata"].flatMap { ObjectMeta.key(of: $0, isNamespaced: kind.isNamespaced) }
        let id = key.map { ResourceID(kind: kind, key: $0) }
        let context = DecodingContext(
            object: id?.description ?? kind.rawValue, file: file, isConfidential: kind == .secret,
            unknownFields: unknownFields(of: kind, isFile: !file.isEmpty))
        if let defect { context.error(.root, "", defect.message, line: defect.line) }
        if let id, let resource = unserved(document, id, dropped) {
            KeyCheck(kind: kind.rawValue, context: context).check(
                document["metadata"], at: .field(.root, "metadata"))
            problems += context.problems
            return .resource(id, resource)
        }
        let resource = read(kind, document, context)
        KeyCheck(kind: kind.rawValue, context: context).check(document["metadata"], at: .field(.root, "metadata"))
        problems += context.problems
        guard let id, let resource, context.objectDefect == nil else {
            return .refused(id, remains: id.flatMap { remains(of: document, $0, dropped, context) })
        }
        return .resource(id, resource)
    }

    /// An object of a kind that is not served; nil for the other kinds. Whatever is wrong with it, what it asks for is
    /// not served weaker: what it concerns is read with forbearance.
    private static func unserved(_ document: Node, _ id: ResourceID, _ dropped: [Node.Entry]) -> Resource? {
        switch id.kind {
        case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute:
            let reason = "is of a kind that is not served"
            return .unservedRoute(UnservedRoute(document, id: id, dropped: dropped, reason: reason))
        case .backendTLSPolicy, .backendTrafficPolicy:
            return .unservedPolicy(UnservedPolicy(legible: document, id: id, dropped: dropped))
        case .listenerSet:
            return .listenerSet(ListenerSet(legible: document, key: id.key))
        case .gatewayClass, .gateway, .httpRoute, .service, .endpointSlice, .namespace, .referenceGrant, .backend,
            .secret:
            return nil
        }
    }

    /// What must not be forgotten of an object that cannot be used.
    private static func remains(
        of document: Node, _ id: ResourceID, _ dropped: [Node.Entry], _ context: DecodingContext
    ) -> UnservedRoute? {
        guard id.kind == .httpRoute else { return nil }
        let reason = "cannot be read: \(context.objectDefect ?? "it is not complete")"
        return UnservedRoute(document, id: id, dropped: dropped, reason: reason)
    }

    /// An API server has judged the fields of its own kinds, newer than ours perhaps. Of the others it knows those of
    /// the definition that is installed: a part with one that is not known here asks for what would not be done.
    private static func unknownFields(of kind: ResourceKind, isFile: Bool) -> DecodingContext.UnknownFields {
        switch kind {
        case .service, .endpointSlice, .namespace, .secret: isFile ? .tell : .pass
        case .gatewayClass, .gateway, .httpRoute, .referenceGrant, .backend: isFile ? .spoil : .spoilParts
        case .backendTLSPolicy, .backendTrafficPolicy, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute, .listenerSet:
            isFile ? .tell : .pass
        }
    }

    /// The kind, when it is one of ours in a version that can be read.
    private static func kind(of document: Node, file: String, problems: inout [Problem]) -> ResourceKind? {
        guard case .string(let name)? = document["kind"]?.value, let kind = ResourceKind(rawValue: name),
            case .string(let apiVersion)? = document["apiVersion"]?.value
        else { return nil }
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        let group = parts.count == 2 ? String(parts[0]) : ""
        guard group == kind.group, let version = parts.last, parts.count <= 2 else { return nil }
        if !kind.versions.contains(String(version)) {
            problems.append(
                Problem(
                    severity: .warning, id: .unknownVersion, object: self.name(of: document), field: "apiVersion",
                    value: VisibleText.of(apiVersion, bytes: 80),
                    message:
                        "is not a known version (\(kind.versions.joined(separator: ", "))); it is read as \(kind.versions[0])",
                    file: file, line: document["apiVersion"]?.line ?? document.line))
        }
        return kind
    }

    /// An object that no proxy reads: what of it was nevertheless written for Weir is told.
    private static func passOver(_ document: Node, file: String, problems: inout [Problem]) -> Outcome {
        if missingKind(document, file: file, problems: &problems) { return .refused(nil) }
        guard let apiVersion = document["apiVersion"]?.stringValue, let kind = document["kind"]?.stringValue else {
            return .passedOver
        }
        let context = DecodingContext(
            object: name(of: document), file: file, consequence: "no cluster takes the object", unknownFields: .tell)
        let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        let group = parts.count == 2 ? parts[0] : ""
        if let verdict = KnownKinds.verdict(group: group, version: parts.last ?? "", kind: kind) {
            context.tell(verdict, line: document[verdict.field]?.line ?? document.line)
        } else if let warning = ForeignPolicy.warning(document) {
            context.warning(.root, "", warning, line: document.line, id: .policyUnserved)
        }
        checkKeys(of: document, kind: kind, context)
        problems += context.problems
        return .passedOver
    }

    /// Labels and annotations of the object, and of the pods that it makes.
    private static func checkKeys(of document: Node, kind: String, _ context: DecodingContext) {
        KeyCheck(kind: kind, context: context, tellsTypes: true)
            .check(document["metadata"], at: .field(.root, "metadata"))
        let spec = FieldPath.field(.root, "spec")
        let pods = KeyCheck(kind: "Pod", context: context, tellsTypes: true)
        pods.check(document["spec"]?["template"]?["metadata"], at: .field(.field(spec, "template"), "metadata"))
        pods.check(
            document["spec"]?["jobTemplate"]?["spec"]?["template"]?["metadata"],
            at: .field(.field(.field(.field(spec, "jobTemplate"), "spec"), "template"), "metadata"))
    }

    /// `Kind namespace/name` as far as it is written, for a kind that is not read: whether it has namespaces is not
    /// known.
    private static func name(of document: Node) -> String {
        let kind = VisibleText.of(document["kind"]?.stringValue ?? "", bytes: 63)
        let metadata = document["metadata"]
        guard let name = metadata?["name"]?.stringValue, ResourceName.isSubdomain(name) else { return kind }
        let namespace = metadata?["namespace"]?.stringValue.flatMap { ResourceName.isLabel($0) ? $0 : nil }
        return "\(kind) \(namespace ?? "default")/\(name)"
    }

    /// Reports a document that is no Kubernetes object at all; false when it is one of an unknown kind.
    private static func missingKind(_ document: Node, file: String, problems: inout [Problem]) -> Bool {
        let context = DecodingContext(
            object: file, file: file, consequence: "the document is not used", unknownFields: .pass)
        if let reader = FieldReader(document, at: .root, in: context) {
            _ = reader.requiredString("apiVersion", .length(1...317))
            _ = reader.requiredString("kind", .length(1...63))
        }
        problems += context.problems.map { problem in
            var problem = problem
            problem.id = .notAnObject
            return problem
        }
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
        object.checkFields(objectFields, unused: ["spec", "status"], inner: kind.specFields)
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
        case .endpointSlice, .namespace, .secret, .backendTLSPolicy, .backendTrafficPolicy, .grpcRoute, .tlsRoute,
            .tcpRoute, .udpRoute, .listenerSet:
            nil
        }
    }
}
