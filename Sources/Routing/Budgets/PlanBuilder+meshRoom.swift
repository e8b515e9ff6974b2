internal import GatewayAPI

extension PlanBuilder {
    /// Finds which of the routes that are bound to Services there is no room for. Of those that the pod does not call
    /// nothing is laid out.
    /// - Parameter clientNamespace: of the sidecar's pod; nil for the whole cluster, where each Service stands for
    ///   itself.
    func makeRoom(_ attachments: ServiceAttachments, clientNamespace: String?) {
        var sets: [ObjectKey: Set<[ObjectKey]>] = [:]
        for (frontend, routes) in attachments.producers where !isDeferred(frontend.service) {
            sets[frontend.service, default: []].insert(routes)
        }
        for (frontend, consumers) in attachments.consumers where !isDeferred(frontend.service) {
            guard let clientNamespace, let routes = consumers[clientNamespace] else { continue }
            sets[frontend.service, default: []].insert(routes)
        }
        var uses: [ObjectKey: [FrontendUse]] = [:]
        for (service, routeSets) in sets {
            var places: [ObjectKey: Int] = [:]
            for routes in routeSets { for route in routes { places[route, default: 0] += 1 } }
            let used = places.keys.sorted().compactMap { key in
                resources.httpRoutes[key].map { FrontendUse(route: $0, kind: .mesh, places: places[key] ?? 1) }
            }
            uses[service] = used
            let found = substitutes(for: used, in: FrontendRoom.service, "at Service \(service)")
            if !found.isEmpty { meshSubstitutes[service] = found }
        }
        if clientNamespace != nil { makeRoom(uses) }
        for (service, found) in meshSubstitutes {
            for (route, substitutes) in found { tell(substitutes, of: route, at: service) }
        }
    }

    /// All Services of a sidecar share what it has.
    private func makeRoom(_ uses: [ObjectKey: [FrontendUse]]) {
        // One route at several Services is several claims; what is refused of it is refused at all of them.
        let known = meshSubstitutes.values.reduce(into: Substitutes()) { all, found in
            all.merge(found) { $0.merging($1) { first, _ in first } }
        }
        let found = substitutes(
            for: uses.keys.sorted().flatMap { uses[$0] ?? [] }, in: FrontendRoom.sidecar,
            "at the Services that the pod calls or serves", besides: known)
        guard !found.isEmpty else { return }
        for (service, used) in uses {
            for use in used {
                let key = use.route.metadata.key
                guard let more = found[key] else { continue }
                meshSubstitutes[service, default: [:]][key, default: [:]].merge(more) { first, _ in first }
            }
        }
    }

    private func tell(_ substitutes: [ObjectKey?: Substitute], of route: ObjectKey, at service: ObjectKey) {
        guard let found = resources.httpRoutes[route] else { return }
        tell(substitutes, of: found, kind: .mesh)
        guard let refusal = refusal(for: substitutes) else { return }
        for position in pendingParents.indices {
            let pending = pendingParents[position]
            guard pending.kind == .mesh, pending.route == route, pending.refusal == nil,
                pending.parentRef.name == service.name,
                pending.parentRef.namespace ?? route.namespace == service.namespace
            else { continue }
            pendingParents[position].refusal = refusal
        }
    }

    /// The matches of routes at a Service; made once, however many of its ports have them.
    func matches(of routes: [ObjectKey], at service: ObjectKey) -> [PlannedMatch] {
        let set = ServiceRouteSet(service: service, routes: routes)
        if let known = serviceMatches[set] { return known }
        let substitutes = meshSubstitutes[service] ?? [:]
        let matches = routes.flatMap { key -> [PlannedMatch] in
            guard let route = resources.httpRoutes[key] else { return [] }
            let own = substitutes[key] ?? [:]
            let matches = self.matches(of: route, kind: .mesh, with: own)
            guard let least = own[nil], least.form == .least else { return matches }
            // What was to guard a Service does not leave it open.
            return matches + [closed(BrokenGuard(kind: .httpRoute, route: key, reason: least.reason))]
        }
        serviceMatches[set] = matches
        return matches
    }
}

/// Routes of one Service, for those of its ports that have just these.
struct ServiceRouteSet: Hashable {
    var service: ObjectKey
    var routes: [ObjectKey]
}
