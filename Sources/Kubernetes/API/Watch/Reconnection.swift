internal import Reactor

/// Where the watches of one server wait while no answer comes from it; carries out what their `WaitingLine` decides.
/// Belongs to the loop's thread.
package final class Reconnection {
    private var line: WaitingLine<ObjectIdentifier>
    private var watches: [ObjectIdentifier: Waiting] = [:]
    private var loop: EventLoop?
    private var pause: EventTimer?

    private struct Waiting {
        weak var watch: ResourceWatch?
    }

    /// - Parameter seed: of the jitter, by which processes are parted.
    package init(seed: UInt64 = UInt64.random(in: .min ... .max)) {
        line = WaitingLine(seed: seed)
    }

    deinit {
        if let pause { loop?.cancel(pause) }
    }

    /// How many wait.
    var count: Int { line.waiting.count }

    func wait(_ watch: ResourceWatch, on loop: EventLoop) {
        self.loop = loop
        let id = ObjectIdentifier(watch)
        watches[id] = Waiting(watch: watch)
        if let delay = line.wait(id, now: Clock.now()) { pause(delay) }
    }

    /// It goes on, or ends, for reasons of its own.
    func leave(_ watch: ResourceWatch) {
        let id = ObjectIdentifier(watch)
        watches[id] = nil
        guard line.leave(id), let pause else { return }
        loop?.cancel(pause)
        self.pause = nil
    }

    func answered() {
        if let pause { loop?.cancel(pause) }
        pause = nil
        let released = line.answered(now: Clock.now()).map { (watches[$0.watch]?.watch, $0.pause) }
        watches = [:]
        for (watch, delay) in released { watch?.resume(after: delay) }
    }

    private func pause(_ delay: UInt64) {
        pause = loop?.after(delay) { [weak self] in self?.turn() }
    }

    private func turn() {
        pause = nil
        guard let next = line.turn() else { return }
        if let delay = next.pause { pause(delay) }
        watches.removeValue(forKey: next.watch)?.watch?.resume(after: 0)
    }
}
