package import GatewayAPI

/// Injects the pod templates of a document, whatever its kind; what has none passes unchanged.
package struct ManifestInjection: Sendable {
    package struct Report: Hashable, Sendable {
        /// `Deployment shop/web`.
        package var object: String
        package var result: InjectionResult
    }

    private let injector: Injector
    /// For objects that name none.
    private let defaultNamespace: String
    /// Lists inside lists; the YAML reader's own limit on depth is far above.
    private static let maximumListDepth = 8

    package init(injector: Injector, defaultNamespace: String = "default") {
        self.injector = injector
        self.defaultNamespace = defaultNamespace
    }

    /// The document with what could be injected, and a report on each pod template in it.
    package func inject(_ document: Node) -> (document: Node, reports: [Report]) {
        var reports: [Report] = []
        let result = inject(document, depth: 0, &reports)
        return (result, reports)
    }

    private func inject(_ object: Node, depth: Int, _ reports: inout [Report]) -> Node {
        let kind = object["kind"]?.stringValue ?? ""
        if kind.hasSuffix("List"), case .sequence(let items)? = object["items"]?.value {
            guard depth < Self.maximumListDepth else { return object }
            var list = object
            list.set("items", .sequence(items.map { inject($0, depth: depth + 1, &reports) }))
            return list
        }
        guard let path = WorkloadKind.podTemplatePath(of: object),
            let request = InjectionRequest(object, basis: .command, defaultNamespace: defaultNamespace)
        else { return object }
        let result = injector.inject(request)
        reports.append(Report(object: request.object, result: result))
        guard case .injected(let injected) = result.outcome else { return object }
        return Self.replacing(path[...], in: object, with: injected)
    }

    private static func replacing(_ path: ArraySlice<String>, in object: Node, with pod: Node) -> Node {
        guard let key = path.first else { return pod }
        var object = object
        object.update(key) { $0 = replacing(path.dropFirst(), in: $0, with: pod) }
        return object
    }
}
