internal import GatewayAPI
internal import Routing

/// What is wrong with the objects that take part.
extension Explainer {
    /// Problems that are repeated.
    static let problemsShown = 5

    func problems(ofRoutes routes: Set<ObjectKey>) -> [Problem] {
        let objects = Set(routes.map { "HTTPRoute \($0)" })
        return withCauses((sourceProblems + plan.problems).filter { objects.contains($0.object) })
    }

    /// Of routes that cannot be in force, of whichever kind they are.
    func problems(ofClosing routes: Set<ObjectKey>) -> [Problem] {
        let kinds: [ResourceKind] = [.httpRoute, .grpcRoute, .tlsRoute, .tcpRoute]
        let objects = Set(routes.flatMap { route in kinds.map { ResourceID(kind: $0, key: route).description } })
        return Array((sourceProblems + plan.problems).filter { objects.contains($0.object) }.prefix(Self.problemsShown))
    }

    /// Those of one rule; others of its route have no say in the answer.
    func problems(of rule: RuleOrigin) -> [Problem] {
        guard let owner = rule.chain.last else { return [] }
        let field = "spec.rules[\(rule.ruleIndex)]"
        let found = (sourceProblems + plan.problems).filter { problem in
            problem.object == "HTTPRoute \(owner)" && problem.field.hasPrefix(field)
        }
        return withCauses(found)
    }

    /// Those that are shown: the cause of each first, be it another object's.
    private func withCauses(_ found: [Problem]) -> [Problem] {
        let shown = found.prefix(Self.problemsShown)
        let causes = shown.flatMap(\.follows)
        let others = (sourceProblems + plan.problems).filter { problem in
            problem.severity == .error && !shown.contains(problem) && causes.contains { $0.covers(problem) }
        }
        return Array(RootCauses.first(others + shown).prefix(Self.problemsShown))
    }

    /// What reading the resources found, when what was asked for is not among them.
    var sourceErrors: [Problem] {
        Array(sourceProblems.filter { $0.severity == .error }.prefix(Self.problemsShown))
    }

    /// Routes that `parent` delegated to, served or refused: the planner writes each a status that names its parent.
    func children(of parent: ObjectKey) -> Set<ObjectKey> {
        let children = plan.statuses.httpRoutes.filter { route, statuses in
            statuses.contains { status in
                let reference = status.parentRef
                return reference.kind == "HTTPRoute" && reference.name == parent.name
                    && (reference.namespace ?? route.namespace) == parent.namespace
            }
        }
        return Set(children.keys)
    }

    /// Routes with a parentRef that leads to the frontend, whether or not they were accepted.
    func routesAskingForFrontend() -> Set<ObjectKey> {
        let (target, kind) =
            switch frontend {
            case .gateway(let key): (key, "Gateway")
            case .service(let key, _, _): (key, "Service")
            }
        let asking = resources.httpRoutes.values.filter { route in
            route.parentRefs.contains {
                $0.kind == kind && $0.name == target.name
                    && ($0.namespace ?? route.metadata.key.namespace) == target.namespace
            }
        }
        return Set(asking.map(\.metadata.key))
    }
}
