internal import HTTP
internal import Reactor
internal import Routing
internal import TLS
internal import Telemetry

/// What is to become of a request.
enum RouteDecision {
    /// To an endpoint of this backend.
    case forward(backend: Int32)
    /// To the connection's original destination: the own application, or a pod dialled by its address.
    case direct
    case redirect(Int32)
    /// The path is one that the frontend refuses.
    case refusePath
    case answer(ResponseFlag)
    /// The request is beyond a limit.
    case refuse(status: Int, StaticString)
    /// The frontend's routes are not compiled: the request has to wait.
    case awaitRoutes
    /// Finding its rule takes long: the request has to wait for others of its sort.
    case awaitTurn
}

/// Door, frontend, rule, share. Everything behind the choice of the frontend is the same for all doors.
extension Worker {
    func route(_ exchange: Int32, _ request: inout RoutedRequest, _ snapshot: Snapshot) -> RouteDecision {
        let e = exchanges[exchange]
        let routes = snapshot.routes
        switch frontend(of: exchange, request, routes) {
        case .none: return .answer(.noRoute)
        case .misdirected: return .answer(.misdirected)
        case .gone: return .answer(.listenerGone)
        case .direct: return .direct
        case .frontend(let frontend):
            e.pointee.frontend = frontend
            e.pointee.addressed = frontend
            let info = routes.frontend(frontend)
            guard info.pathRules.isStandard || normalisePath(&request, info.pathRules) else { return .refusePath }
            guard info.isRouted else { return .forward(backend: info.backend) }
            if info.isDeferred { return .awaitRoutes }
            guard let rule = findRule(frontend, request.view, routes) else { return .awaitTurn }
            guard rule >= 0 else { return unmatched(rule) }
            e.pointee.rule = rule
            return apply(rule, exchange, routes)
        }
    }

    private func unmatched(_ answer: Int32) -> RouteDecision {
        switch answer {
        case RouteTable.targetTooLong:
            .refuse(status: 414, "the request target is too long for the routes' expressions")
        case RouteTable.fieldTooLong: .refuse(status: 431, "a header field is too long for the routes' expressions")
        default: .answer(.noRoute)
        }
    }

    private func apply(_ rule: Int32, _ exchange: Int32, _ routes: RouteTable) -> RouteDecision {
        let e = exchanges[exchange]
        let compiled = routes.rulePointer(rule)
        switch compiled.pointee.action {
        case .fail: return .answer(.invalidRule)
        case .redirect: return .redirect(compiled.pointee.redirect)
        case .forward: break
        }
        if compiled.pointee.requestTimeout > 0 {
            e.pointee.requestDeadline = e.pointee.startedAt &+ compiled.pointee.requestTimeout
        }
        let share = routes.pickBackend(rule, random: random.next())
        guard share >= 0 else { return .answer(.badBackend) }
        e.pointee.share = share
        let drawn = routes.sharePointer(rule, share).pointee
        switch drawn.kind {
        case .invalid: return .answer(.badBackend)
        case .redirect: return .redirect(drawn.redirect)
        case .backend: return staysInPod(exchange, drawn.backend, routes) ? .direct : .forward(backend: drawn.backend)
        }
    }

    private enum FrontendChoice {
        case none
        /// The connection is not one for this host.
        case misdirected
        /// No host is served on the connection any more: its client has to dial again, and learns the rest then.
        case gone
        case direct
        case frontend(Int32)
    }

    private func frontend(of exchange: Int32, _ request: RoutedRequest, _ routes: RouteTable) -> FrontendChoice {
        let client = connections[exchanges[exchange].pointee.client]
        switch client.pointee.door {
        case .gateway:
            let group = routes.listenerGroup(client.pointee.frontendPort)
            guard group >= 0 else { return .gone }
            if client.pointee.tls != nil || routes.isTLS(group) { return listener(client, group, request, routes) }
            let frontend = routes.frontend(group, host: request.view.host)
            return frontend >= 0 ? .frontend(frontend) : .none
        case .outbound:
            let destination = client.pointee.destination
            let service = routes.service(address: destination.ip, port: destination.port)
            return service >= 0 ? .frontend(service) : .direct
        case .inbound:
            return inboundFrontend(exchange, client.pointee.destination, request, routes)
        }
    }

    /// HTTPS: the listener that the client's SNI chose serves its own hosts only (Gateway API, "HTTPS listeners"). It
    /// is looked up anew, because listeners may have changed since the handshake.
    private func listener(
        _ client: UnsafeMutablePointer<Connection>, _ group: Int32, _ request: RoutedRequest, _ routes: RouteTable
    ) -> FrontendChoice {
        // A plain connection from before the port became HTTPS, or the other way round.
        guard let tls = client.pointee.tls, routes.isTLS(group) else { return .gone }
        let chosen = tls.withServerName { routes.frontend(group, serverName: $0) }
        switch routes.verdict(group, listener: chosen, host: request.view.host) {
        case .own: return .frontend(chosen)
        case .misdirected: return chosen >= 0 ? .misdirected : .gone
        case .unknown: return chosen >= 0 ? .none : .gone
        }
    }

    /// Which of the own Services' routes an incoming request still needs (docs/architecture.md, "Who applies a
    /// Service's routes").
    private func inboundFrontend(
        _ exchange: Int32, _ destination: SocketAddress, _ request: RoutedRequest, _ routes: RouteTable
    ) -> FrontendChoice {
        let port = routes.inboundPort(destination.port)
        guard port >= 0 else { return .direct }
        let applied = appliedRoutes(request)
        if accessLog.mode != .off {
            exchanges[exchange].pointee.addressed = routes.addressedFrontend(
                port, host: request.view.host, hostPort: requestHead.port, applied: applied)
        }
        guard routes.isInboundRouted(port), !isKubeletProbe(destination, request) else { return .direct }
        let frontend = routes.protection(
            port, host: request.view.host, hostPort: requestHead.port, applied: applied)
        return frontend >= 0 ? .frontend(frontend) : .direct
    }

    /// The kubelet asks a pod by its address and names itself; its probes are never routed. Whoever imitates it skips
    /// the routes, as whoever forges `weir-routed` does, until callers have identities.
    private func isKubeletProbe(_ destination: SocketAddress, _ request: RoutedRequest) -> Bool {
        guard requestHead.method == .get || requestHead.method == .head,
            RouteTable.isHost(request.view.host, the: destination.ip)
        else { return false }
        let name: StaticString = "user-agent"
        for position in 0..<requestHead.fields.count where requestHead.fields[position].nameLength == 10 {
            let field = requestHead.fields[position]
            if FieldValue.equals(request.bytes, field.name.range, name) {
                return FieldValue.hasPrefix(request.bytes, field.value.range, "kube-probe/")
            }
        }
        return false
    }

    /// What the caller's proxy says it has applied already. It is believed from anyone for now: identity comes with
    /// mTLS.
    private func appliedRoutes(_ request: RoutedRequest) -> RoutedHeader? {
        guard let field = requestHead.fields.firstIndex(of: .weirRouted) else { return nil }
        return RoutedHeader.parse(request.slice(requestHead.fields[field].value))
    }

    /// A rule of the inbound door that draws the very Service this pod serves keeps the request here.
    private func staysInPod(_ exchange: Int32, _ backend: Int32, _ routes: RouteTable) -> Bool {
        let client = connections[exchanges[exchange].pointee.client]
        guard client.pointee.door == .inbound else { return false }
        let port = routes.inboundPort(client.pointee.destination.port)
        return port >= 0 && routes.isOwnBackend(port, backend)
    }
}
