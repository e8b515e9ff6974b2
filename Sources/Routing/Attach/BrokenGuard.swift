internal import GatewayAPI

/// A route that was to be in force at a Service and cannot be: it was refused there, cannot be read, or is of a kind
/// that is not served. Ports that it was meant for and that no other route guards are closed rather than open.
struct BrokenGuard: Hashable {
    var kind: ResourceKind
    var route: ObjectKey
    /// What its parentRef says, as far as it can be read.
    var port: UInt16?
    var sectionName: String?
    /// The rest of a sentence that begins with the route.
    var reason: String

    /// Whether it was meant for a port of the Service that it names. Where it names none that the Service has, it may
    /// have been meant for any: somebody has renamed the port.
    func concerns(_ port: Service.Port, of service: Service) -> Bool {
        guard port.isTCP else { return false }
        let named = service.ports.filter { names($0) }
        let candidates = named.isEmpty ? service.ports.filter(\.isTCP) : named
        return reach(candidates, isNamed: !named.isEmpty && isSpecific).contains(port)
    }

    private var isSpecific: Bool { port != nil || sectionName != nil }

    private func names(_ candidate: Service.Port) -> Bool {
        candidate.isTCP && (port ?? candidate.port) == candidate.port
            && (sectionName ?? candidate.name) == candidate.name
    }

    /// A route for all ports is not meant for those that speak something else than it routes, unless that is all there
    /// are.
    private func reach(_ candidates: [Service.Port], isNamed: Bool) -> [Service.Port] {
        let reached = candidates.filter { kind.routes(ProtocolDeclaration($0)) }
        return isNamed || reached.isEmpty ? candidates : reached
    }
}

extension ResourceKind {
    /// Whether a port that declares this (nil: nothing) can be meant by a route of this kind.
    func routes(_ declaration: ProtocolDeclaration?) -> Bool {
        switch (self, declaration) {
        case (.httpRoute, .otherHTTP?), (.httpRoute, .opaque?), (.grpcRoute, .opaque?), (.tlsRoute, .http?): false
        default: true
        }
    }
}

/// The broken guards of all Services.
struct BrokenGuards {
    /// By the Service.
    private(set) var byService: [ObjectKey: [BrokenGuard]] = [:]
    /// Those that name a Service of their namespace, and nobody can tell which: by the namespace.
    private(set) var byNamespace: [String: [BrokenGuard]] = [:]
    /// Those of other namespaces than the Service's: they concern clients of their own namespace alone.
    private(set) var consumers: [ObjectKey: [BrokenGuard]] = [:]

    var isEmpty: Bool { byService.isEmpty && byNamespace.isEmpty && consumers.isEmpty }

    /// Takes in a route that is broken at one of the parents it names, if a Service is meant there.
    mutating func add(_ kind: ResourceKind, _ route: ObjectKey, at parent: ParentReference, _ reason: String) {
        guard parent.meansService else { return }
        let broken = BrokenGuard(
            kind: kind, route: route, port: parent.port, sectionName: parent.sectionName, reason: reason)
        let service = ObjectKey(namespace: parent.namespace ?? route.namespace, name: parent.name)
        if service.namespace != route.namespace {
            consumers[service, default: []].append(broken)
        } else if parent.name.isEmpty {
            byNamespace[route.namespace, default: []].append(broken)
        } else {
            byService[service, default: []].append(broken)
        }
    }

    /// What a port is closed for, as long as no route guards it.
    func guards(of port: Service.Port, _ service: Service) -> [BrokenGuard] {
        guards(of: service.metadata.key).filter { $0.concerns(port, of: service) }
    }

    /// What was meant for a Service, whichever its ports are.
    func guards(of service: ObjectKey) -> [BrokenGuard] {
        (byService[service] ?? []) + (byNamespace[service.namespace] ?? [])
    }

    /// What a port is closed for to clients of one namespace other than its own, as long as no route of theirs is in
    /// force there.
    func guards(of port: Service.Port, _ service: Service, clientsIn namespace: String) -> [BrokenGuard] {
        (consumers[service.metadata.key] ?? []).filter {
            $0.route.namespace == namespace && $0.concerns(port, of: service)
        }
    }
}
