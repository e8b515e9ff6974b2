/// About how many bytes of memory objects take. What a proxy keeps of other people's objects is counted by it.
extension Resource {
    package var weight: Int {
        switch self {
        case .httpRoute(let route): route.weight
        case .unservedRoute(let route):
            Weight.object(route.metadata) + Weight.sum(route.parentRefs, \.weight)
                + Weight.sum(route.hostnames) { 48 + $0.utf8.count }
        case .service(let service): service.weight
        case .endpointSlice(let slice):
            Weight.object(slice.metadata) + Weight.sum(slice.ports) { 80 + $0.name.utf8.count }
                + slice.endpoints.count * MemoryLayout<EndpointSlice.Endpoint>.stride
        case .backend(let backend):
            Weight.object(backend.metadata) + Weight.sum(backend.hosts) { 64 + $0.host.utf8.count }
        case .unservedPolicy(let policy): Weight.base + Weight.sum(policy.targets) { 120 + $0.name.utf8.count }
        case .listenerSet, .referenceGrant, .gateway, .gatewayClass, .namespace, .secret: Weight.base
        }
    }

    /// The namespace and age by which it shares a room.
    package var metadata: ObjectMeta {
        switch self {
        case .httpRoute(let route): route.metadata
        case .unservedRoute(let route): route.metadata
        case .service(let service): service.metadata
        case .endpointSlice(let slice): slice.metadata
        case .backend(let backend): backend.metadata
        case .unservedPolicy(let policy): ObjectMeta(key: policy.id.key)
        case .listenerSet(let set): ObjectMeta(key: set.key)
        case .referenceGrant(let grant): grant.metadata
        case .gateway(let gateway): gateway.metadata
        case .gatewayClass(let found): found.metadata
        case .namespace(let namespace): namespace.metadata
        case .secret(let secret): secret.metadata
        }
    }
}

/// Parts of a weight: a value's inline size with its array's and, for texts, what does not fit inline.
private enum Weight {
    static let base = 256

    static func object(_ metadata: ObjectMeta) -> Int {
        base + metadata.key.name.utf8.count + texts(metadata.labels) + texts(metadata.annotations)
    }

    static func texts(_ texts: [String: String]) -> Int {
        texts.reduce(0) { $0 + 96 + $1.key.utf8.count + $1.value.utf8.count }
    }

    static func sum<Element>(_ elements: [Element], _ weight: (Element) -> Int) -> Int {
        elements.reduce(elements.isEmpty ? 0 : 32) { $0 + weight($1) }
    }
}

extension HTTPRoute {
    package var weight: Int {
        Weight.object(metadata) + Weight.sum(parentRefs, \.weight) + Weight.sum(hostnames) { 48 + $0.utf8.count }
            + Weight.sum(rules, \.weight)
    }
}

extension ParentReference {
    fileprivate var weight: Int {
        MemoryLayout<ParentReference>.stride + group.utf8.count + name.utf8.count + (sectionName?.utf8.count ?? 0)
    }
}

extension HTTPRouteRule {
    fileprivate var weight: Int {
        MemoryLayout<HTTPRouteRule>.stride + Weight.sum(matches, \.weight) + Weight.sum(filters, \.weight)
            + Weight.sum(backendRefs) {
                MemoryLayout<BackendReference>.stride + $0.name.utf8.count + Weight.sum($0.filters, \.weight)
            }
    }
}

extension HTTPRouteMatch {
    fileprivate var weight: Int {
        MemoryLayout<HTTPRouteMatch>.stride + (path?.value.utf8.count ?? 0) + Weight.sum(headers, \.weight)
            + Weight.sum(queryParams, \.weight)
    }
}

extension ValueMatch {
    fileprivate var weight: Int { MemoryLayout<ValueMatch>.stride + 32 + name.utf8.count + value.utf8.count }
}

extension HTTPRouteFilter {
    fileprivate var weight: Int {
        switch self {
        case .requestHeaderModifier(let modifier), .responseHeaderModifier(let modifier):
            MemoryLayout<HTTPRouteFilter>.stride
                + Weight.sum(modifier.set + modifier.add) { 96 + $0.name.utf8.count + $0.value.utf8.count }
                + Weight.sum(modifier.remove) { 48 + $0.utf8.count }
        case .requestRedirect, .urlRewrite, .unusable: 512
        }
    }
}

extension Service {
    fileprivate var weight: Int {
        Weight.object(metadata) + Weight.texts(selector)
            + Weight.sum(ports) {
                MemoryLayout<Port>.stride + ($0.name.utf8.count > 15 ? 64 : 0) + ($0.appProtocol?.utf8.count ?? 0)
            }
    }
}
