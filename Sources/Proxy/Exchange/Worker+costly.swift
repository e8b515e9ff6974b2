internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Requests of which finding the rule takes long: large regular expressions, many conditions. They wait for each other,
/// and nobody waits for them.
extension Worker {
    /// The rule of a request, or what `RouteTable.match` says instead of one; nil when it has to wait.
    @inline(__always)
    func findRule(_ frontend: Int32, _ view: RequestView, _ routes: RouteTable) -> Int32? {
        let rule = routes.matchBriefly(frontend, view, &effort)
        return rule == RouteTable.costly ? findCostlyRule(frontend, view, routes) : rule
    }

    @inline(never)
    private func findCostlyRule(_ frontend: Int32, _ view: RequestView, _ routes: RouteTable) -> Int32? {
        let namespace = routes.namespaceHash(ofRule: effort.costlyRule)
        guard isCostlyTurn || costly.isFree(namespace, after: costlyTime, now: now) else { return nil }
        var time: UInt64 = 0
        let rule = routes.match(frontend, view, measuring: &time)
        costly.took(time, namespace, now: now)
        costlyTime &+= time
        return rule
    }

    /// Puts a request back until those before it have been served: it is read again then.
    func awaitTurn(_ exchange: Int32, _ routes: RouteTable) {
        let client = exchanges[exchange].pointee.client
        release(exchange)
        let connection = connections[client]
        connection.pointee.exchange = -1
        connection.pointee.phase = .awaitingTurn
        connection.pointee.lastActivity = now
        shard.add(.requestsDeferred)
        costly.append(
            Token(.connection, index: client, generation: connection.pointee.generation).rawValue,
            routes.namespaceHash(ofRule: effort.costlyRule))
        arm(client)
    }

    /// Serves some of those that wait, behind everything else.
    func serveCostly(isIdle: Bool) {
        guard costly.isDue(isIdle: isIdle, now: now) else { return }
        let before = costlyTime
        while costlyTime &- before < CostlyLanes.roundTime, let value = costly.next() {
            let token = Token(rawValue: value)
            guard isCurrent(token), connections[token.index].pointee.phase == .awaitingTurn else { continue }
            costlyTime &+= Worker.costlyRequestTime
            connections[token.index].pointee.phase = .http
            isCostlyTurn = true
            serveClient(token.index)
            isCostlyTurn = false
            keepBudget()
        }
        costly.roundTook(costlyTime &- before, now: Clock.now())
    }

    /// What serving a request counts for besides finding its rule.
    private static var costlyRequestTime: UInt64 { 20_000 }

    func turnTimedOut(_ index: Int32) {
        shard.add(.overloadRefusals)
        var response = LocalResponse(status: 503, text: "too many requests wait for routes that take long to match")
        response.closes = true
        answerUnrouted(index, response, .overload)
    }
}
