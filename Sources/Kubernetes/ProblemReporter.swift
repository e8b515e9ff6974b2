package import GatewayAPI
package import Reactor

/// Has the problems of a process logged when they have lasted, and when they are over. Belongs to the loop's thread.
package final class ProblemReporter {
    /// What is over within this time is what servers that are replaced and objects that come in any order look like,
    /// and nothing that somebody need act on. Nanoseconds.
    package static let patience: UInt64 = 2_000_000_000

    private var log: ProblemLog
    private let loop: EventLoop
    private let tell: (ProblemLog.News) -> Void
    private var timer: EventTimer?

    /// - Parameters:
    ///   - patience: nanoseconds that an error has to last.
    ///   - tell: logs what there is to log.
    package init(on loop: EventLoop, patience: UInt64, tell: @escaping (ProblemLog.News) -> Void) {
        log = ProblemLog(patience: patience)
        self.loop = loop
        self.tell = tell
    }

    deinit {
        if let timer { loop.cancel(timer) }
    }

    /// - Parameter problems: all that there are.
    package func update(_ problems: [Problem]) {
        take(log.update(problems, now: Clock.now()))
    }

    private func take(_ news: ProblemLog.News) {
        if let timer { loop.cancel(timer) }
        timer = news.next.map { delay in
            loop.after(delay) { [weak self] in
                guard let self else { return }
                timer = nil
                take(log.look(now: Clock.now()))
            }
        }
        tell(news)
    }
}
