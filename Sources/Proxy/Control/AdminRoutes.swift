internal import Balancing
internal import ControlHTTP
internal import GatewayAPI
internal import Glibc
internal import HTTP
internal import Interception
internal import Reactor
internal import Routing
internal import Telemetry

/// The admin port (loopback by default): what this proxy believes, and how loud it is. `AdminAccess` says who may ask.
final class AdminRoutes {
    private unowned let runtime: ProxyRuntime

    init(runtime: ProxyRuntime) {
        self.runtime = runtime
    }

    func answer(_ request: HTTPServerRequest) -> HTTPAnswer {
        if let refusal = refusal(of: request) { return .text(refusal.status, refusal.text) }
        return switch request.path {
        case "/snapshot": reading(request) { snapshot(isFull: request.query == "full") }
        case "/endpoints": reading(request) { endpoints() }
        case "/log-level": logLevel(request)
        case "/drain": drain(request)
        default: .text(404, "known paths: /snapshot, /endpoints, /log-level, /drain")
        }
    }

    private func refusal(of request: HTTPServerRequest) -> AdminAccess.Refusal? {
        let port = runtime.options.admin.port
        return AdminAccess(user: geteuid()).refusal(
            host: request.fields["host"], isRead: request.isRead, isFromPage: request.fields["origin"] != nil
        ) {
            SocketTable.owner(ofConnectionFrom: request.peer.host, port: request.peer.port, to: port)
        }
    }

    private func reading(_ request: HTTPServerRequest, _ make: () -> JSONText) -> HTTPAnswer {
        guard request.isRead else { return .methodNotAllowed(knowing: "GET", "HEAD") }
        return HTTPAnswer(
            status: 200, contentType: "application/json", body: Array((make().text() + "\n").utf8))
    }

    /// `POST /drain`: the pod is going.
    private func drain(_ request: HTTPServerRequest) -> HTTPAnswer {
        guard request.method == .post else { return .methodNotAllowed(knowing: "POST") }
        runtime.leave()
        return .text(200, "leaving")
    }

    /// `GET /log-level`, `PUT /log-level?level=debug`.
    private func logLevel(_ request: HTTPServerRequest) -> HTTPAnswer {
        if request.isRead { return .text(200, "\(Log.level.label)") }
        guard request.method == .put || request.method == .post else {
            return .methodNotAllowed(knowing: "GET", "HEAD", "PUT", "POST")
        }
        let name = request.query.hasPrefix("level=") ? String(request.query.dropFirst("level=".count)) : request.query
        guard let level = LogLevel(name: name) else {
            return .text(400, "level: '\(name)' is none of error, warn, info, debug; nothing was changed")
        }
        Log.level = level
        return .text(200, "\(level.label)")
    }

    /// - Parameter isFull: with every match, filter and backend, not their numbers alone.
    private func snapshot(isFull: Bool) -> JSONText {
        guard let latest = runtime.latest else { return .object([("version", 0)]) }
        let plan = runtime.builder.latestPlan
        let summary: [(String, JSONText)] =
            if isFull {
                PlanDescription(plan: plan) {
                    String(decoding: latest.labels.backendName($0), as: UTF8.self)
                }.members
            } else {
                [
                    ("listeners", .array(plan.listeners.map(AdminRoutes.listener))),
                    ("services", .array(plan.services.filter(\.isRouted).map(AdminRoutes.service))),
                    ("inboundPorts", .array(plan.inboundPorts.map(AdminRoutes.inboundPort))),
                    ("rules", .array(plan.rules.map(AdminRoutes.rule))),
                ]
            }
        return .object(
            [
                ("version", .number(Int64(clamping: latest.version))),
                ("compileMicroseconds", .number(Int64(clamping: runtime.builder.compileNanoseconds / 1000))),
                ("endpointMicroseconds", .number(Int64(clamping: runtime.builder.endpointNanoseconds / 1000))),
            ] + summary + [
                ("redirectRules", runtime.rulesWatch?.rules.json ?? .null),
                ("problems", .array(runtime.problems.map { .string("\($0.severity.rawValue): \($0.oneLine)") })),
            ])
    }

    private static func listener(_ listener: PlannedListener) -> JSONText {
        .object([
            ("gateway", .string("\(listener.gateway)")), ("name", .string(listener.name)),
            ("port", .number(Int64(listener.port))), ("hostname", .string(listener.hostname ?? "*")),
            ("usable", .bool(listener.isUsable)), ("matches", .number(Int64(listener.matches.count))),
        ])
    }

    private static func service(_ service: PlannedService) -> JSONText {
        .object([
            ("service", .string("\(service.service):\(service.port)")),
            ("matches", .number(Int64(service.matches.count))),
        ])
    }

    private static func inboundPort(_ port: PlannedInboundPort) -> JSONText {
        .object([
            ("port", .number(Int64(port.port))),
            ("protectedBy", .array(port.members.map { .string("\($0.service):\($0.servicePort)") })),
        ])
    }

    private static func rule(_ rule: PlannedRule) -> JSONText {
        var members: [(String, JSONText)] = [
            ("route", .string(rule.origin.chain.map(\.description).joined(separator: " > "))),
            ("rule", .number(Int64(rule.origin.ruleIndex))),
        ]
        switch rule.action {
        case .forward(let backends): members.append(("backends", .number(Int64(backends.count))))
        case .redirect(let redirect): members.append(("redirect", .number(Int64(redirect.statusCode))))
        case .fail(let reason): members.append(("fails", .string(reason)))
        case .closed(let reason): members.append(("closed", .string(reason)))
        }
        return .object(members)
    }

    private func endpoints() -> JSONText {
        guard let latest = runtime.latest else { return .array([]) }
        let health = EndpointHealth(runtime.endpointReports.standings, in: latest)
        let now = Clock.now()
        return .array(
            latest.endpoints.distinctBackends.map { position in
                let addresses = latest.endpoints.endpoints(position).map {
                    SocketAddress($0.address, port: $0.port)
                }
                return .object([
                    ("backend", .string(String(decoding: latest.labels.backendName(position), as: UTF8.self))),
                    ("endpoints", .array(addresses.map { .string($0.description) })),
                    ("notWell", health.json(of: position, now: now)),
                ])
            })
    }
}
