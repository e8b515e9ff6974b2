package import GatewayAPI

/// What one text of manifests declares.
package struct ParsedManifest: Sendable {
    package struct Object: Sendable {
        package var id: ResourceID
        /// nil for an object that cannot be used but could be named.
        package var resource: Resource?
        /// What is left of such an object.
        package var remains: UnservedRoute?
        /// nil unless the limits ask for it.
        package var document: [UInt8]?
        package var line: Int
    }

    /// In the order of the text.
    package var objects: [Object] = []
    package var problems: [Problem] = []
    /// Objects of kinds that no proxy reads; none unless the limits ask for them.
    package var others: [Node] = []
    /// The gravest of the problems that were too many to keep.
    fileprivate var dropped: Problem.Severity?

    fileprivate mutating func bound(_ maximum: Int) {
        guard problems.count > maximum else { return }
        let isError = dropped == .error || problems[maximum...].contains { $0.severity == .error }
        dropped = isError ? .error : .warning
        problems.removeLast(problems.count - maximum)
    }
}

/// Bytes to resources: YAML or JSON, `---` streams, `List` kinds.
package enum ManifestParser {
    /// - Parameter file: the name under which problems are reported.
    package static func parse(
        _ bytes: [UInt8], file: String, limits: ManifestLimits = ManifestLimits()
    ) throws(YAMLError) -> ParsedManifest {
        var manifest = ParsedManifest()
        for document in try YAMLReader.documents(bytes, limits: limits.yaml) {
            add(document.root, of: document, file: file, depth: limits.listDepth, limits, to: &manifest)
        }
        if let dropped = manifest.dropped {
            manifest.problems.append(
                Problem(
                    severity: dropped, id: .moreProblems, object: file,
                    message: "has more problems than are reported here", file: file))
        }
        return manifest
    }

    private static func add(
        _ node: Node, of document: YAMLDocument, file: String, depth: Int, _ limits: ManifestLimits,
        to manifest: inout ParsedManifest
    ) {
        if let list = ObjectList(node, file: file, problems: &manifest.problems) {
            guard depth > 0 else {
                manifest.problems.append(
                    Problem(
                        severity: .error, id: .unreadableSource, object: file,
                        message: "has Lists nested too deep; this one is not read",
                        file: file, line: node.line))
                return
            }
            for item in list.items { add(item, of: document, file: file, depth: depth - 1, limits, to: &manifest) }
            manifest.bound(limits.problems)
            return
        }
        let outcome = ResourceDecoder.decode(
            node, file: file, defect: document.defect.map { ($0.message, $0.line) }, dropped: document.dropped,
            problems: &manifest.problems)
        switch outcome {
        case .resource(let id, let resource):
            let document = limits.keepsDocuments && id.kind != .secret ? node.json : nil
            manifest.objects.append(
                ParsedManifest.Object(id: id, resource: resource, document: document, line: node.line))
        case .refused(let id?, let remains):
            manifest.objects.append(ParsedManifest.Object(id: id, remains: remains, line: node.line))
        case .refused(nil, _): break
        case .passedOver: if limits.keepsOthers { manifest.others.append(node) }
        }
        manifest.bound(limits.problems)
    }
}
