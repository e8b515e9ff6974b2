internal import Interception
internal import Reactor
internal import Telemetry

/// Looks from time to time whether the rules are there that redirect the pod's connections to the doors.
final class RulesWatch {
    /// Doors that do not listen yet are looked at again so soon.
    private static let doorsInterval = ProxyLimits.second

    private let loop: EventLoop
    private let outboundPort: UInt16
    private let inboundPort: UInt16
    private let interval: UInt64
    private let areDoorsOpen: () -> Bool
    private let redirected: () -> UInt64
    private let looked: (_ isNews: Bool) -> Void
    private(set) var rules: RedirectRules
    /// Those of the look that is under way.
    private var questions: [DoorQuestion] = []
    private var findings: [RedirectRules.Path: RedirectRules.Finding] = [:]

    /// - Parameters:
    ///   - interval: nanoseconds between two looks.
    ///   - areDoorsOpen: only then can anybody answer.
    ///   - redirected: connections that came to the doors by redirection since the start.
    ///   - looked: called after every look, with whether it came to something else than the one before.
    init(
        loop: EventLoop, outboundPort: UInt16, inboundPort: UInt16, expected: ExpectedRules, interval: UInt64,
        areDoorsOpen: @escaping () -> Bool, redirected: @escaping () -> UInt64,
        looked: @escaping (_ isNews: Bool) -> Void
    ) {
        self.loop = loop
        self.outboundPort = outboundPort
        self.inboundPort = inboundPort
        self.interval = interval
        self.areDoorsOpen = areDoorsOpen
        self.redirected = redirected
        self.looked = looked
        rules = RedirectRules(expected: expected)
    }

    /// Looks now, and again after every interval.
    func look() {
        guard areDoorsOpen() else { return lookAgain(after: min(interval, RulesWatch.doorsInterval)) }
        findings = [:]
        questions = RedirectRules.Path.all.map(question)
        for question in questions { question.ask() }
    }

    private func lookAgain(after delay: UInt64) {
        loop.after(delay) { [weak self] in self?.look() }
    }

    private func question(_ path: RedirectRules.Path) -> DoorQuestion {
        DoorQuestion(to: dialled(path), loop: loop) { [weak self] door in self?.answered(path, by: door) }
    }

    /// Each door is asked for at the other's port: without rules that one answers, so what is missing is told for
    /// certain.
    private func dialled(_ path: RedirectRules.Path) -> SocketAddress {
        let port = path.isInbound ? outboundPort : inboundPort
        switch path.family {
        case .ipv4: return SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv6: false)
        case .ipv6: return SocketAddress(high: 0, low: 1, port: port, isIPv6: true)
        }
    }

    private func answered(_ path: RedirectRules.Path, by door: Door?) {
        let wanted: Door = path.isInbound ? .inbound : .outbound
        findings[path] = door.map { $0 == wanted ? .redirected : .direct } ?? .unanswered
        guard findings.count == questions.count else { return }
        questions = []
        lookAgain(after: interval)
        looked(rules.judge(findings, redirected: redirected()))
    }
}
