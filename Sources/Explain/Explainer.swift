internal import Balancing
package import GatewayAPI
internal import Routing

/// Answers what would become of a request, by the very plan, table and endpoints that a proxy serves from.
package struct Explainer {
    let resources: ResourceSet
    /// What reading the resources found.
    let sourceProblems: [Problem]
    let frontend: ExplainedFrontend
    let request: ExplainedRequest
    let plan: RoutePlan
    let table: RouteTable
    let endpoints: EndpointTable

    /// - Parameter problems: what reading the resources found; those of objects that take part are repeated.
    /// - Parameter backends: what the operator lets Backends name.
    package static func explain(
        _ request: ExplainedRequest, at frontend: ExplainedFrontend, in resources: ResourceSet,
        problems: [Problem] = [], backends: BackendPolicy = BackendPolicy()
    ) -> Explanation {
        Explainer(
            resources: resources, sourceProblems: problems, frontend: frontend, request: request, backends: backends
        ).run()
    }

    private init(
        resources: ResourceSet, sourceProblems: [Problem], frontend: ExplainedFrontend, request: ExplainedRequest,
        backends: BackendPolicy
    ) {
        self.resources = resources
        self.sourceProblems = sourceProblems
        self.frontend = frontend
        self.request = request
        let expressions = ExpressionCache()
        plan = RoutePlanner.plan(
            resources: resources, scope: frontend.scope, backends: backends, expressions: expressions)
        table = RouteTable(plan: plan, expressions: expressions)
        // Names of DNS hosts are not looked up: what they resolve to here says nothing about elsewhere.
        endpoints = EndpointTable(
            backends: plan.backends.map(EndpointKey.init), resources: resources, registry: EndpointRegistry(),
            screen: BackendScreen(backends, services: resources.services), addresses: { _ in [] })
    }

    private func run() -> Explanation {
        var explanation = Explanation(request: requestLine, outcome: .forwarded)
        if let missing = missingFrontend() {
            explanation.outcome = missing.outcome
            explanation.reasons = missing.reasons
            explanation.dependsOn = missing.dependsOn
            explanation.problems = sourceErrors
            return explanation
        }
        do throws(RequestRefusal) {
            try request.read(defaultHost: frontend.defaultHost) { decide($0, &explanation) }
        } catch {
            explanation.outcome = .answered(status: error.status, reason: error.reason)
            explanation.reasons.append("the request is refused before any route is looked at")
            return explanation
        }
        explanation.dependsOn = dependence(of: explanation)
        return explanation
    }

    private func decide(_ read: ReadRequest, _ explanation: inout Explanation) {
        guard let (index, facts) = select(read, &explanation) else { return }
        explanation.frontend = facts
        do throws(PathNormalization.Refusal) {
            try read.read(under: table.frontend(index).pathRules) { read in
                decide(read, at: index, facts, &explanation)
            }
        } catch {
            explanation.outcome = .answered(status: 400, reason: "the path \(error.explanation)")
        }
    }

    private func decide(
        _ read: ReadRequest, at index: Int32, _ facts: Explanation.Frontend, _ explanation: inout Explanation
    ) {
        if request.isTLS && facts.listener == nil {
            explainTLS(toService: facts, &explanation)
        } else if facts.appProtocol == "opaque" {
            explanation.outcome = .passedAsBytes
            explanation.reasons.append(
                "the port declares a protocol other than HTTP/1.1: its bytes are passed on unread")
        } else if !facts.isRouted {
            explanation.reasons.append(
                "no accepted route names this Service port: requests go to its endpoints as they are")
            forwardPlainly(table.frontend(index).backend, &explanation)
        } else {
            let rule = table.match(index, read.view)
            switch rule {
            case 0...: apply(rule, at: index, read, &explanation)
            case RouteTable.targetTooLong:
                explanation.outcome = .answered(
                    status: 414, reason: "the request target is too long for the routes' expressions")
            case RouteTable.fieldTooLong:
                explanation.outcome = .answered(
                    status: 431, reason: "a header field is too long for the routes' expressions")
            default: explainNoMatch(read, &explanation)
            }
        }
    }

    private func forwardPlainly(_ backend: Int32, _ explanation: inout Explanation) {
        let share = plainShare(backend)
        explanation.backends = [share]
        if case .answered(let status, let reason) = share.result {
            explanation.outcome = .answered(status: status, reason: reason)
        }
    }

    private var requestLine: String {
        guard request.target != "*", let host = request.authority ?? frontend.defaultHost else {
            return "\(request.method) \(request.target)"
        }
        return "\(request.method) \(request.isTLS ? "https" : "http")://\(host)\(request.target)"
    }
}

extension EndpointKey {
    init(_ backend: BackendKey) {
        switch backend {
        case .service(let key, let port): self = .service(key, port: port)
        case .backend(let key): self = .backend(key)
        }
    }
}
