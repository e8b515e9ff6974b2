/// One pick: what is drawn from, and the random numbers that are left.
struct EndpointDraw {
    let endpoints: UnsafeBufferPointer<EndpointTable.Endpoint>
    let now: UInt64
    /// Endpoints that have failed since then are left out.
    let avoiding: UInt64
    private var random: UInt64

    init(
        _ endpoints: UnsafeBufferPointer<EndpointTable.Endpoint>, random: UInt64, now: UInt64, avoiding: UInt64
    ) {
        self.endpoints = endpoints
        self.random = random
        self.now = now
        self.avoiding = avoiding
    }

    /// A number below `count`.
    mutating func next(below count: Int) -> Int {
        let drawn = Int(((random >> 32) &* UInt64(count)) >> 32)
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return drawn
    }
}

extension EndpointStates {
    /// Draws before the endpoints are looked through one by one from where the last one fell. Were they looked through
    /// at once, the neighbour of those that are out would get their requests.
    private static let draws = 8
    /// Endpoints that are looked through.
    private static let longestScan = 1024
    /// The margin by which an endpoint must have failed more often than another for its idleness not to count, in
    /// 65,536ths.
    private static let errorMargin = 8192

    struct Choice {
        var position: Int
        var isTrial = false
    }

    /// The power of two choices: of two endpoints drawn at random that are well, the one with fewer requests in flight.
    /// An endpoint whose pause is over is tried when it is drawn. When none is well, one that is merely avoided; when
    /// there is no such either, the one whose pause ends first: a pick never waits.
    mutating func choose(_ draw: inout EndpointDraw, isRepeatable: Bool, mayProbe: Bool) -> Choice? {
        if let position = dueForTrial(&draw, isRepeatable: isRepeatable, mayProbe: mayProbe) {
            return Choice(position: position, isTrial: true)
        }
        if let position = lessLoaded(&draw, .well) ?? lessLoaded(&draw, .avoided) ?? firstBack(draw) {
            return Choice(position: position)
        }
        return nil
    }

    private mutating func dueForTrial(_ draw: inout EndpointDraw, isRepeatable: Bool, mayProbe: Bool) -> Int? {
        guard draw.endpoints.count > 1, draw.avoiding == .max else { return nil }
        let position = draw.next(below: draw.endpoints.count)
        let state = state(of: draw.endpoints[position])
        guard state.standing != .well, mayProbe || !state.needsConnection else { return nil }
        let caution = isRepeatable || !state.isCostly ? 0 : pause(of: state) &* (EjectionPolicy.cautiousPauses - 1)
        return state.pausedUntil &+ caution <= draw.now ? position : nil
    }

    private mutating func lessLoaded(_ draw: inout EndpointDraw, _ standing: Standing) -> Int? {
        guard let one = find(standing, &draw, except: -1) else { return nil }
        guard let other = find(standing, &draw, except: one) else { return one }
        return preferred(one, other, &draw)
    }

    /// Of two, the one with fewer requests in flight. Where that is one that fails more often than the other, it may
    /// have so few because it is quick at failing: it gets a quarter less than chance alone would give it.
    private mutating func preferred(_ one: Int, _ other: Int, _ draw: inout EndpointDraw) -> Int {
        let first = state(of: draw.endpoints[one])
        let second = state(of: draw.endpoints[other])
        let isSecond = second.load < first.load
        let excess = Int(first.errorRate) - Int(second.errorRate)
        guard (isSecond ? -excess : excess) > EndpointStates.errorMargin else { return isSecond ? other : one }
        return isSecond || draw.next(below: 4) > 0 ? one : other
    }

    /// A random endpoint of a standing, but not `other`; nil when none was found.
    private mutating func find(_ standing: Standing, _ draw: inout EndpointDraw, except other: Int) -> Int? {
        let count = draw.endpoints.count
        guard count > (other < 0 ? 0 : 1) else { return nil }
        var position = 0
        for _ in 0..<EndpointStates.draws {
            position = draw.next(below: count)
            if position != other, isFit(draw, position, standing) { return position }
        }
        for _ in 0..<min(count, EndpointStates.longestScan) {
            position = position + 1 == count ? 0 : position + 1
            if position != other, isFit(draw, position, standing) { return position }
        }
        return nil
    }

    private mutating func isFit(_ draw: EndpointDraw, _ position: Int, _ standing: Standing) -> Bool {
        let state = state(of: draw.endpoints[position])
        return state.standing == standing && state.failedAt < draw.avoiding
    }

    private mutating func firstBack(_ draw: EndpointDraw) -> Int? {
        var best: Int?
        var until = UInt64.max
        for position in 0..<min(draw.endpoints.count, EndpointStates.longestScan) {
            let state = state(of: draw.endpoints[position])
            guard state.failedAt < draw.avoiding, state.pausedUntil < until else { continue }
            best = position
            until = state.pausedUntil
        }
        return best
    }
}
