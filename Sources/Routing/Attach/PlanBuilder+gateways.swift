internal import GatewayAPI

extension PlanBuilder {
    /// Whether this controller is answerable for a Gateway outside a scope that names it.
    func isOurs(_ gateway: Gateway) -> Bool {
        guard let gatewayClass = resources.gatewayClasses[gateway.gatewayClassName] else {
            return gateway.gatewayClassName == RoutePlanner.gatewayClassName
        }
        return gatewayClass.controllerName == RoutePlanner.gatewayController
    }

    func reportForeignGateway(_ gateway: Gateway) {
        guard resources.gatewayClasses[gateway.gatewayClassName] == nil else { return }
        let classes = resources.gatewayClasses.keys.sorted() + [RoutePlanner.gatewayClassName]
        let meant = Spelling.nearest(to: gateway.gatewayClassName, among: classes)
        report(
            Problem(
                severity: meant == nil ? .warning : .error, id: .notOurs, object: "Gateway \(gateway.metadata.key)",
                field: "spec.gatewayClassName",
                value: gateway.gatewayClassName,
                message:
                    "no such GatewayClass\(meant.map { " (\($0) is)" } ?? ""), and only \(RoutePlanner.gatewayClassName) is known "
                    + "without one; the Gateway is left alone",
                dependsOn: .gatewayClass, follows: [ProblemCause("GatewayClass \(gateway.gatewayClassName)")]))
    }

    /// Attaches every route that names the Gateway, and plans its listeners.
    func planGateway(_ gateway: Gateway) {
        var states = listenerStates(of: gateway)
        let admission = hostnameAdmission(of: gateway)
        var attachments: [GatewayAttachment] = []
        for reference in index.gatewayReferences[gateway.metadata.key] ?? [] {
            guard !isInterrupted, let route = resources.httpRoutes[reference.route],
                reference.parent < route.parentRefs.count
            else { continue }
            let parent = route.parentRefs[reference.parent]
            var placement = place(route, through: parent, on: gateway, states)
            if let admission, route.metadata.key.namespace != gateway.metadata.key.namespace {
                admit(route, admission, gateway.metadata.key, &placement)
            }
            // What is said of a route stands together.
            _ = compiledMatches(of: route, kind: .gateway)
            if let refusal = placement.refusal { reportRefusal(refusal, of: route, parent) }
            attachments.append(GatewayAttachment(route: route, parent: parent, placement: placement))
        }
        attach(attachments, to: gateway, &states)
        reportSharedHostnames(of: gateway, states, admission)
        keepHostnames(on: gateway, admission, &states)
        for state in states {
            plan.listeners.append(
                PlannedListener(
                    gateway: gateway.metadata.key, name: state.listener.name, port: state.listener.port,
                    hostname: state.listener.hostname, matches: state.isUsable ? state.matches : [],
                    isUsable: state.isUsable,
                    tls: state.isUsable ? state.certificates.map { PlannedTLS(certificates: $0.usable) } : nil))
        }
        if gateway.asksForBackendTLS { reportClientCertificate(of: gateway) }
        report(states, of: gateway)
        plan.statuses.gateways[gateway.metadata.key] = gatewayStatus(of: gateway, states)
    }

    /// Attaches what there is room for, and tells each route what has become of it.
    private func attach(
        _ attachments: [GatewayAttachment], to gateway: Gateway, _ states: inout [ListenerState]
    ) {
        let substitutes = substitutes(
            for: attachments.uses, in: FrontendRoom.gateway, "on Gateway \(gateway.metadata.key)")
        for (key, own) in substitutes { resources.httpRoutes[key].map { tell(own, of: $0, kind: .gateway) } }
        for attachment in attachments {
            let (route, key) = (attachment.route, attachment.route.metadata.key)
            let own = substitutes[key] ?? [:]
            var matches = matches(of: route, kind: .gateway, with: own)
            if gateway.asksForBackendTLS { matches = refusingBackends(matches) }
            let refusal = attachment.placement.refusal
            pendingParents.append(
                PendingParent(
                    route: key, parentRef: attachment.parent, kind: .gateway, refusal: refusal ?? self.refusal(for: own)
                ))
            if refusal != nil { continue }
            servedRoutes.insert(key)
            if own[nil]?.form == .least { continue }
            let counts = own[nil] == nil && !isWhollyUnusable(route)
            for (position, hostnames) in attachment.placement.accepting {
                states[position].attach(key, counts: counts, matches: matches, hostnames: hostnames)
            }
        }
    }

    /// Leaves out the hostnames that the Gateway keeps for other namespaces. Its own namespace may use all.
    private func admit(
        _ route: HTTPRoute, _ admission: HostnameAdmission, _ gateway: ObjectKey, _ placement: inout Placement
    ) {
        guard placement.refusal == nil else { return }
        let namespace = route.metadata.key.namespace
        var refused: [String] = []
        placement.accepting = placement.accepting.compactMap { listener, hostnames in
            let asked = hostnames.isEmpty ? [""] : hostnames
            let admitted = asked.filter { admission.refusing($0, to: namespace) == nil }
            for hostname in asked where !admitted.contains(hostname) && !refused.contains(hostname) {
                refused.append(hostname)
            }
            return admitted.isEmpty ? nil : (listener, hostnames.isEmpty ? [] : admitted)
        }
        guard !refused.isEmpty else { return }
        let names = refused.map { $0.isEmpty ? "every hostname (spec.hostnames is not set)" : $0 }
        let message =
            "Gateway \(gateway) does not admit namespace \(namespace) to \(Self.quote(names)), or to hostnames that this covers (\(HostnameAdmission.annotation))"
        if placement.accepting.isEmpty {
            placement.refusal = AttachRefusal("NotAllowedByListeners", message)
        } else {
            report(
                id: .notAttached, route: route.metadata.key, field: "spec.hostnames",
                value: refused.joined(separator: ", "), "\(message); the route is not served there")
            notes[RouteUse(route: route.metadata.key, kind: .gateway), default: []].append("not served: \(message)")
        }
    }

    /// Gateway API's attachment in its order: sectionName and port, allowedRoutes, hostnames.
    private func place(
        _ route: HTTPRoute, through parent: ParentReference, on gateway: Gateway, _ states: [ListenerState]
    ) -> Placement {
        if let defect = parent.defect { return Placement(refusal: AttachRefusal("UnsupportedValue", defect)) }
        if let refusal = budgetRefusal(of: route) { return Placement(refusal: refusal) }
        let named = states.indices.filter { position in
            let listener = states[position].listener
            return (parent.sectionName ?? listener.name) == listener.name
                && (parent.port ?? listener.port) == listener.port
        }
        // What a listener with a defect says of hostnames and namespaces may not be what it means: sound ones decide.
        let sound = named.filter { states[$0].listener.defect == nil }
        let candidates = sound.isEmpty ? named : sound
        guard !candidates.isEmpty else {
            let asked = [parent.sectionName.map { "sectionName \($0)" }, parent.port.map { "port \($0)" }]
            let message =
                "no listener of Gateway \(gateway.metadata.key) has "
                + asked.compactMap { $0 }.joined(separator: " and ")
            return Placement(refusal: AttachRefusal("NoMatchingParent", message, follows: Self.listeners(of: gateway)))
        }
        let namespace = route.metadata.key.namespace
        let labels = labels(ofNamespace: namespace)
        let allowing = candidates.filter {
            states[$0].allows(
                routeIn: namespace, gatewayNamespace: gateway.metadata.key.namespace, labels: labels)
        }
        let accepting = meeting(route, allowing, states)
        guard accepting.isEmpty else { return Placement(accepting: accepting) }
        // Only where labels alone keep the route from a listener can the Namespace be what is wrong.
        let undecided = candidates.filter { states[$0].mayAllow(routeIn: namespace) }
        let dependsOn: ResourceKinds = meeting(route, undecided, states).isEmpty ? [] : .namespace
        var follows = candidates.flatMap { Self.causes(in: states[$0], at: $0, of: gateway.metadata.key) }
        if !dependsOn.isEmpty { follows.append(ProblemCause("Namespace \(namespace)")) }
        guard !allowing.isEmpty else {
            let message = "no listener takes HTTPRoutes of namespace \(namespace) (allowedRoutes)"
            return Placement(
                refusal: AttachRefusal("NotAllowedByListeners", message, dependsOn: dependsOn, follows: follows))
        }
        let message = "hostnames \(route.hostnames.joined(separator: ", ")) meet no listener's hostname"
        return Placement(
            refusal: AttachRefusal("NoMatchingListenerHostname", message, dependsOn: dependsOn, follows: follows))
    }

    /// What is wrong with a listener that may keep routes from it.
    private static func causes(in state: ListenerState, at position: Int, of gateway: ObjectKey) -> [ProblemCause] {
        let field = "spec.listeners[\(position)]"
        let isRefused = state.refusal != nil || state.listener.defect != nil
        let fields = isRefused ? [field] : ["\(field).allowedRoutes", "\(field).hostname"]
        return fields.map { ProblemCause(.gateway, gateway, field: $0) }
    }

    private static func listeners(of gateway: Gateway) -> [ProblemCause] {
        [ProblemCause(.gateway, gateway.metadata.key, field: "spec.listeners")]
    }

    /// Those of the listeners that the route has hostnames on.
    private func meeting(
        _ route: HTTPRoute, _ positions: [Int], _ states: [ListenerState]
    ) -> [(listener: Int, hostnames: [String])] {
        positions.compactMap { position in
            HostnameIntersection.intersect(listener: states[position].listener.hostname, route: route.hostnames)
                .map { (position, $0) }
        }
    }

    func labels(ofNamespace name: String) -> [String: String] {
        var labels = resources.namespaces[name]?.metadata.labels ?? [:]
        labels[ListenerState.namespaceNameLabel] = name
        return labels
    }

    func reportRefusal(_ refusal: AttachRefusal, of route: HTTPRoute, _ parent: ParentReference) {
        guard parent.defect == nil else { return }
        let position = route.parentRefs.firstIndex(of: parent) ?? 0
        report(
            id: .notAttached, route: route.metadata.key, field: "spec.parentRefs[\(position)]", value: parent.name,
            dependsOn: refusal.dependsOn, follows: refusal.follows,
            "\(refusal.reason): \(refusal.message); the route is not served there")
    }

    /// What follows for a listener that is not usable.
    func doesNotServe(_ state: ListenerState) -> String {
        guard case .cluster = scope, state.isAccepted,
            state.certificates?.defects.contains(where: \.leavesLastGood) == true
        else { return "the listener does not serve" }
        return "the listener does not serve, except where a gateway still has its certificate"
    }

    private func report(_ states: [ListenerState], of gateway: Gateway) {
        for (position, state) in states.enumerated() {
            let object = "Gateway \(gateway.metadata.key)"
            let field = "spec.listeners[\(position)]"
            // A defect of the fields the decoder has reported, with the line.
            if let refusal = state.refusal, state.listener.defect == nil {
                report(
                    Problem(
                        severity: .error, id: .listenerUnserved, object: object, field: field,
                        value: state.listener.name,
                        message: "\(refusal.message); the listener does not serve"))
            }
            if let conflict = state.conflict {
                report(
                    Problem(
                        severity: .error, id: .listenerConflict, object: object, field: field,
                        value: state.listener.name,
                        message: state.supportedKinds.isEmpty
                            ? "\(conflict.message), and no route can be attached to this one; it does not serve"
                            : "\(conflict.message); none of them serves"))
            }
            if state.isAccepted, !state.isUsable {
                report(
                    Problem(
                        severity: .error, id: .certificate, object: object, field: "\(field).tls.certificateRefs",
                        value: state.listener.name,
                        message: "leads to no usable certificate; \(doesNotServe(state))",
                        dependsOn: ResourceKinds(state.certificates?.defects.map(\.dependsOn) ?? []),
                        follows: [
                            ProblemCause(.gateway, gateway.metadata.key, field: "\(field).tls.certificateRefs[")
                        ]))
            }
            if state.hasInvalidKinds {
                report(
                    Problem(
                        severity: .error, id: .unservedKind, object: object, field: "\(field).allowedRoutes.kinds",
                        value: state.listener.name,
                        message: "names kinds that the listener cannot take; they are ignored"))
            }
        }
    }
}

/// Where one parentRef attaches a route.
private struct Placement {
    var refusal: AttachRefusal?
    /// Positions of listeners, with the hostnames the route has there.
    var accepting: [(listener: Int, hostnames: [String])] = []
}

/// A route on its way to the listeners of a Gateway.
private struct GatewayAttachment {
    var route: HTTPRoute
    var parent: ParentReference
    var placement: Placement
}

extension [GatewayAttachment] {
    /// What each of them takes of the Gateway's room. A route that has several ways to one listener is attached there
    /// once.
    fileprivate var uses: [FrontendUse] {
        var taken: (route: ObjectKey, listeners: Set<Int>)?
        return compactMap { attachment in
            let key = attachment.route.metadata.key
            guard attachment.placement.refusal == nil else { return nil }
            if taken?.route != key { taken = (key, []) }
            let places = attachment.placement.accepting.reduce(0) { sum, accepting in
                taken?.listeners.insert(accepting.listener).inserted == true
                    ? sum + Swift.max(accepting.hostnames.count, 1) : sum
            }
            return FrontendUse(route: attachment.route, kind: .gateway, places: places)
        }
    }
}
