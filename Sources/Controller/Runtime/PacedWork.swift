internal import Reactor

/// Work that is done on the loop some time after it was asked for, however often.
final class PacedWork {
    private let loop: EventLoop
    private let work: () -> Void
    private var pacing = Pacing()
    private var timer: EventTimer?

    init(loop: EventLoop, _ work: @escaping () -> Void) {
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
        let began = Clock.now()
        guard let due = pacing.due else { return }
        // Asked for again since the timer was set.
        guard due <= began else {
            arm()
            return
        }
        work()
        pacing.done(began: began, ended: Clock.now())
    }
}
