package import GatewayAPI

/// What one worker knows of each endpoint, by its number: requests in flight and health. No locks, no clock of its own.
package struct EndpointStates: ~Copyable {
    /// What an endpoint's failures have come to.
    package enum Standing: UInt8, BitwiseCopyable, Sendable {
        case well
        /// It fails, but half of its backend is ejected already: it is picked when no other is well.
        case avoided
        case ejected
    }

    struct State: BitwiseCopyable {
        var generation: UInt32 = 0
        /// Requests in flight from this worker.
        var load: UInt32 = 0
        /// Monotonic nanoseconds until which an endpoint that is not well is passed over; kept when it is well again.
        var pausedUntil: UInt64 = 0
        /// When an attempt failed last; 0 for never.
        var failedAt: UInt64 = 0
        /// The share of recent attempts that failed or were answered with an error, in 65,536ths.
        var errorRate: UInt16 = 0
        /// Failures not made up for by answers.
        var suspicion: UInt8 = 0
        /// Ejections in a row.
        var ejections: UInt8 = 0
        var standing = Standing.well
        /// The pause was over, and a request finds out whether the endpoint is well again.
        var isOnTrial = false
        /// A connection alone proves nothing.
        var needsAnswer = false
        /// A request that finds out that the endpoint still fails may be lost by that.
        var isCostly = false
        /// A connection has been made since the endpoint failed.
        var isReached = false

        /// It took no connection when it failed, and none has been made since.
        var needsConnection: Bool { !needsAnswer && !isReached }

        init(generation: UInt32 = 0) {
            self.generation = generation
        }
    }

    private(set) var states: UnsafeMutableBufferPointer<State>

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

    /// A request goes to the endpoint; `released` takes it away.
    package mutating func held(_ id: Int32) {
        if hasState(id) { states[Int(id)].load += 1 }
    }

    /// The request is over; its load is given back.
    package mutating func released(_ id: Int32) {
        guard hasState(id), states[Int(id)].load > 0 else { return }
        states[Int(id)].load -= 1
    }

    // MARK: What comes of attempts

    /// The endpoint took a connection. True when it is well again by that.
    package mutating func connected(_ id: Int32, now: UInt64) -> Bool {
        guard hasState(id), !states[Int(id)].needsAnswer else { return false }
        return recover(id, now: now)
    }

    /// A connection that no request waits for shows that the endpoint is there. One may try it at once.
    package mutating func reached(_ id: Int32, now: UInt64) {
        guard hasState(id), states[Int(id)].standing != .well else { return }
        states[Int(id)].isReached = true
        states[Int(id)].isOnTrial = false
        states[Int(id)].pausedUntil = min(states[Int(id)].pausedUntil, now)
    }

    /// An answer of the endpoint began. True when it is well again by that.
    ///
    /// - Parameter isError: the status says that the request failed. That ejects nobody, but neither does it attract
    ///   requests.
    package mutating func answered(_ id: Int32, isError: Bool, now: UInt64) -> Bool {
        guard hasState(id) else { return false }
        note(isError: isError, of: id)
        if states[Int(id)].suspicion > 0 { states[Int(id)].suspicion -= 1 }
        return recover(id, now: now)
    }

    /// An attempt failed. True when that takes the endpoint out, or leaves it out for longer.
    ///
    /// - Parameter backend: in whose service it failed; of its endpoints no more than half are ejected.
    package mutating func failed(
        _ id: Int32, _ failure: EndpointFailure, of backend: Int32, in table: EndpointTable, now: UInt64
    ) -> Bool {
        guard hasState(id), failure != .inconclusive else { return false }
        states[Int(id)].failedAt = now
        guard failure != .stale else { return false }
        note(isError: true, of: id)
        var state = states[Int(id)]
        if state.standing == .well {
            state.suspicion = UInt8(clamping: Int(state.suspicion) + Int(failure.suspicion))
            guard state.suspicion >= EjectionPolicy.intolerable else {
                states[Int(id)] = state
                return false
            }
            if now > state.pausedUntil &+ EjectionPolicy.memory { state.ejections = 0 }
        } else if !state.isOnTrial && state.pausedUntil > now {
            // Attempts begun before the ejection say nothing new.
            return false
        }
        if state.ejections < .max { state.ejections += 1 }
        state.standing = mayEject(id, of: backend, in: table) ? .ejected : .avoided
        state.pausedUntil = now &+ pause(of: state)
        state.isOnTrial = false
        state.needsAnswer = failure != .refused
        state.isCostly = failure == .cut || failure == .vanished
        state.isReached = false
        state.suspicion = 0
        states[Int(id)] = state
        return true
    }

    /// The pause of an endpoint by its standing and ejections.
    func pause(of state: State) -> UInt64 {
        let pause = EjectionPolicy.pause(ejections: state.ejections)
        return state.standing == .avoided ? min(pause, EjectionPolicy.longestAvoidance) : pause
    }

    private mutating func recover(_ id: Int32, now: UInt64) -> Bool {
        let state = states[Int(id)]
        guard state.standing != .well else { return false }
        // Nor do these say anything new, unless nothing but this endpoint was left to ask.
        guard state.isOnTrial || state.pausedUntil <= now || state.standing == .avoided else { return false }
        states[Int(id)].standing = .well
        states[Int(id)].isOnTrial = false
        states[Int(id)].suspicion = 0
        return true
    }

    private mutating func note(isError: Bool, of id: Int32) {
        let rate = states[Int(id)].errorRate
        states[Int(id)].errorRate = isError ? rate + (.max - rate) / 8 : rate - rate / 8
    }

    private func mayEject(_ id: Int32, of backend: Int32, in table: EndpointTable) -> Bool {
        let endpoints = table.endpoints(backend)
        var room = EjectionPolicy.mostEjected(of: endpoints.count)
        for endpoint in endpoints where endpoint.id != id && standing(endpoint.id) == .ejected {
            room -= 1
            if room <= 0 { return false }
        }
        return room > 0
    }

    func hasState(_ id: Int32) -> Bool { id >= 0 && Int(id) < states.count }

    // MARK: What others may know

    /// Requests in flight.
    package func load(_ id: Int32) -> Int { hasState(id) ? Int(states[Int(id)].load) : 0 }

    package func standing(_ id: Int32) -> Standing { hasState(id) ? states[Int(id)].standing : .well }

    /// Whether an endpoint that is not well is still in its pause.
    package func isPaused(_ id: Int32, now: UInt64) -> Bool {
        standing(id) != .well && states[Int(id)].pausedUntil > now
    }

    /// What other workers are told of an endpoint whose standing has changed.
    package func report(_ id: Int32) -> EndpointReport? {
        guard hasState(id) else { return nil }
        let state = states[Int(id)]
        return EndpointReport(
            id: id, generation: state.generation, standing: state.standing, pausedUntil: state.pausedUntil,
            ejections: state.ejections, needsAnswer: state.needsAnswer, isCostly: state.isCostly)
    }

    /// Takes over what another worker has found out.
    package mutating func adopt(_ report: EndpointReport) {
        guard hasState(report.id) else { return }
        var state = states[Int(report.id)]
        if state.generation != report.generation {
            // The number means another endpoint by now, here or there.
            guard Int32(bitPattern: report.generation &- state.generation) > 0 else { return }
            state = State(generation: report.generation)
        }
        if report.standing != .well {
            guard state.standing == .well || state.pausedUntil < report.pausedUntil else { return }
            state.pausedUntil = report.pausedUntil
            state.ejections = report.ejections
            state.needsAnswer = report.needsAnswer
            state.isCostly = report.isCostly
            state.isReached = false
        }
        state.standing = report.standing
        state.isOnTrial = false
        state.suspicion = 0
        states[Int(report.id)] = state
    }

    // MARK: Picking

    /// The endpoint a request goes to. Its load is held until `released`.
    package struct Picked: Sendable {
        package var id: Int32
        package var address: IPAddress
        package var port: UInt16
        /// The endpoint has failed, and this request finds out whether it is well again.
        package var isTrial: Bool
        /// It took no connection: whether it takes one now shows without a request.
        package var needsConnection = false
    }

    /// Picks an endpoint for a request; nil when there is none.
    ///
    /// - Parameters:
    ///   - avoiding: endpoints that have failed at this time or later are left out; `.max` for none.
    ///   - isRepeatable: the request may be sent elsewhere should the endpoint fail: it is the one to try those that
    ///     did.
    ///   - mayProbe: endpoints that took no connection may be tried; else they are left out of it.
    package mutating func pick(
        _ backend: Int32, in table: EndpointTable, random: UInt64, now: UInt64, avoiding: UInt64 = .max,
        isRepeatable: Bool = true, mayProbe: Bool = true
    ) -> Picked? {
        let endpoints = table.endpoints(backend)
        var draw = EndpointDraw(endpoints, random: random, now: now, avoiding: avoiding)
        guard let choice = choose(&draw, isRepeatable: isRepeatable, mayProbe: mayProbe) else { return nil }
        let endpoint = endpoints[choice.position]
        held(endpoint.id)
        var picked = Picked(id: endpoint.id, address: endpoint.address, port: endpoint.port, isTrial: choice.isTrial)
        if choice.isTrial, hasState(endpoint.id) {
            let state = states[Int(endpoint.id)]
            picked.needsConnection = state.needsConnection
            states[Int(endpoint.id)].isOnTrial = true
            states[Int(endpoint.id)].pausedUntil = now &+ pause(of: state)
        }
        return picked
    }

    /// The state of an endpoint. A number that now means another endpoint begins afresh; without `reserve` there is
    /// none, and the endpoint is served all the same.
    mutating func state(of endpoint: EndpointTable.Endpoint) -> State {
        guard hasState(endpoint.id) else { return State(generation: endpoint.generation) }
        let position = Int(endpoint.id)
        if states[position].generation != endpoint.generation {
            states[position] = State(generation: endpoint.generation)
        }
        return states[position]
    }
}
