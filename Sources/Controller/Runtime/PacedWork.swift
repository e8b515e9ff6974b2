internal import Reactor

/// Work that is begun on the loop some time after it was asked for, however often; it may go on elsewhere.
final class PacedWork {
    /// Calls what it is passed, on the loop's thread, when it is done.
    typealias Work = (_ done: @escaping () -> Void) -> Void

    private let loop: EventLoop
    private let work: Work
    private var pacing = Pacing()
    private var timer: EventTimer?

    init(loop: EventLoop, _ work: @escaping Work) {
        self.loop = loop
        self.work = work
    }

    func ask() {
        pacing.ask(now: Clock.now())
        guard timer == nil else { return }
        arm()
    }

    private func arm() {
        guard let due = pacing.due else { return }
        let now = Clock.now()
        timer = loop.after(due > now ? due - now : 0) { [weak self] in self?.fire() }
    }

    private func fire() {
        timer = nil
        let now = Clock.now()
        guard let due = pacing.due else { return }
        // Asked for again since the timer was set.
        guard due <= now else { return arm() }
        pacing.begin(now: now)
        work { [weak self] in self?.end() }
    }

    private func end() {
        pacing.end(now: Clock.now())
        if timer == nil { arm() }
    }
}
