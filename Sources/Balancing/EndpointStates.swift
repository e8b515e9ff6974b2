package import GatewayAPI

/// What one worker knows of each endpoint, by its number: requests in flight and health. No locks, no clock of its own.
package struct EndpointStates: ~Copyable {
    struct State: BitwiseCopyable {
        var generation: UInt32 = 0
        /// Requests in flight from this worker.
        var load: UInt32 = 0
        /// Connection failures in a row.
        var failures: UInt16 = 0
        /// Monotonic nanoseconds; 0 when not ejected.
        var ejectedUntil: UInt64 = 0
    }

    /// Ejected neighbours that a pick looks past before it takes what there is.
    static let longestProbe = 16

    private var states: UnsafeMutableBufferPointer<State>

    package init() {
        states = .allocate(capacity: 0)
    }

    deinit {
        states.deallocate()
    }

    /// Makes room for numbers below `ids`. Call it before picking from a table, with its `idCapacity`.
    package mutating func reserve(ids: Int) {
        guard ids > states.count else { return }
        let grown = UnsafeMutableBufferPointer<State>.allocate(capacity: max(ids, states.count * 2))
        grown.initialize(repeating: State())
        for position in states.indices { grown[position] = states[position] }
        states.deallocate()
        states = grown
    }

    /// The endpoint a request goes to. Its load is held until `failed` or `released`.
    package struct Picked: Sendable {
        package var id: Int32
        package var address: IPAddress
        package var port: UInt16
    }

    /// Picks by the power of two choices: of two endpoints drawn at random, the one with fewer requests in flight. Ejected ones
    /// are passed over; when that leaves nothing, the one whose pause ends first is taken: a pick never waits.
    ///
    /// `excluding` is the number of an endpoint that has just failed (-1: none). nil: nothing to pick from.
    package mutating func pick(
        _ backend: Int32, in table: EndpointTable, random: UInt64, now: UInt64, excluding: Int32
    ) -> Picked? {
        let endpoints = table.endpoints(backend)
        guard let position = choose(endpoints, random: random, now: now, excluding: excluding) else { return nil }
        let endpoint = endpoints[position]
        // Without `reserve` there would be no state; the request is served all the same.
        if hasState(endpoint.id) { states[Int(endpoint.id)].load += 1 }
        return Picked(id: endpoint.id, address: endpoint.address, port: endpoint.port)
    }

    /// The endpoint took a connection: it is well.
    package mutating func connected(_ id: Int32) {
        guard hasState(id) else { return }
        states[Int(id)].failures = 0
        states[Int(id)].ejectedUntil = 0
    }

    /// The endpoint took no connection; its load is given back. True when this ejects it (it was not ejected already).
    package mutating func failed(_ id: Int32, now: UInt64) -> Bool {
        released(id)
        guard hasState(id) else { return false }
        var state = states[Int(id)]
        // Attempts begun before the ejection say nothing new.
        guard state.ejectedUntil <= now else { return false }
        if state.failures < .max { state.failures += 1 }
        state.ejectedUntil = now &+ EjectionPolicy.pause(failures: state.failures)
        states[Int(id)] = state
        return true
    }

    /// The request is over; its load is given back.
    package mutating func released(_ id: Int32) {
        guard hasState(id), states[Int(id)].load > 0 else { return }
        states[Int(id)].load -= 1
    }

    /// Requests in flight, for the admin page.
    package func load(_ id: Int32) -> Int { hasState(id) ? Int(states[Int(id)].load) : 0 }

    package func isEjected(_ id: Int32, now: UInt64) -> Bool { hasState(id) && states[Int(id)].ejectedUntil > now }

    private func hasState(_ id: Int32) -> Bool { id >= 0 && Int(id) < states.count }

    // MARK: Choosing

    private mutating func choose(
        _ endpoints: UnsafeBufferPointer<EndpointTable.Endpoint>, random: UInt64, now: UInt64, excluding: Int32
    ) -> Int? {
        let count = endpoints.count
        if count == 0 { return nil }
        let first = Int((UInt64(UInt32(truncatingIfNeeded: random)) &* UInt64(count)) >> 32)
        var second = Int(((random >> 32) &* UInt64(max(count - 1, 1))) >> 32)
        if second >= first { second = (second + 1) % count }

        let one = healthy(endpoints, from: first, now: now, excluding: excluding, andNot: -1)
        let other = healthy(endpoints, from: second, now: now, excluding: excluding, andNot: one ?? -1)
        switch (one, other) {
        case (let one?, let other?):
            return load(endpoints[other].id) < load(endpoints[one].id) ? other : one
        case (let found?, nil), (nil, let found?): return found
        case (nil, nil): return leastBad(endpoints, from: first, excluding: excluding)
        }
    }

    /// The first endpoint at or after `start` that is not ejected, within a bounded number of steps.
    private mutating func healthy(
        _ endpoints: UnsafeBufferPointer<EndpointTable.Endpoint>, from start: Int, now: UInt64, excluding: Int32,
        andNot taken: Int
    ) -> Int? {
        var position = start
        for _ in 0..<min(endpoints.count, EndpointStates.longestProbe) {
            let endpoint = endpoints[position]
            if position != taken, endpoint.id != excluding, ejectedUntil(endpoint) <= now { return position }
            position = position + 1 == endpoints.count ? 0 : position + 1
        }
        return nil
    }

    private mutating func leastBad(
        _ endpoints: UnsafeBufferPointer<EndpointTable.Endpoint>, from start: Int, excluding: Int32
    ) -> Int? {
        var best: (position: Int, until: UInt64)?
        var position = start
        for _ in 0..<min(endpoints.count, EndpointStates.longestProbe) {
            let endpoint = endpoints[position]
            let until = ejectedUntil(endpoint)
            if endpoint.id != excluding, until < best?.until ?? .max { best = (position, until) }
            position = position + 1 == endpoints.count ? 0 : position + 1
        }
        return best?.position
    }

    /// 0 when the endpoint is not ejected. A number that now means another endpoint begins afresh.
    private mutating func ejectedUntil(_ endpoint: EndpointTable.Endpoint) -> UInt64 {
        guard hasState(endpoint.id) else { return 0 }
        let position = Int(endpoint.id)
        if states[position].generation != endpoint.generation {
            states[position] = State(generation: endpoint.generation)
        }
        return states[position].ejectedUntil
    }
}
