internal import GatewayAPI
internal import Kubernetes
internal import Telemetry

/// The lines that problems get in a proxy's log, a bounded number of them.
struct ProblemLines: Equatable {
    struct Line: Equatable {
        var level: LogLevel
        var text: String
    }

    static let limit = 20
    private(set) var lines: [Line]

    /// - Parameter problems: errors that have not been logged yet.
    init(_ problems: [Problem], of role: ProxyOptions.Role) {
        // What is the pod's own is not crowded out by the neighbours'.
        let own = problems.filter(role.owns).map { Line(level: .error, text: $0.oneLine) }
        let foreign = problems.filter { !role.owns($0) }.map { Line(level: .warn, text: $0.oneLine) }
        let all = own + foreign
        lines = Array(all.prefix(Self.limit))
        guard let next = all.dropFirst(Self.limit).first else { return }
        lines.append(
            Line(level: next.level, text: "\(all.count - Self.limit) more problems; weir check lists them"))
    }

    static func log(_ news: ProblemLog.News, _ component: StaticString, of role: ProxyOptions.Role) {
        for line in ProblemLines(news.begun, of: role).lines {
            if line.level == .error { Log.error(component, line.text) } else { Log.warn(component, line.text) }
        }
        if let over = news.over { Log.info(component, over) }
    }
}

extension ProxyOptions.Role {
    /// Whether somebody who looks after this proxy can mend it. Every sidecar that could call a Service reads it and
    /// the routes that its producer has attached to it: those of another namespace are another team's, and their status
    /// tells that team.
    fileprivate func owns(_ problem: Problem) -> Bool {
        guard case .sidecar(let pod, _, _, _) = self else { return true }
        return problem.concerns(namespace: pod.namespace)
    }
}
