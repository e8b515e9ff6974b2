internal import GatewayAPI

/// The life of one watch, without sockets or clocks: each method is something that happened and returns what is to be done about
/// it, in order.
///
///     listing --last page--> watching --ended--> watching
///        ^ |                    |
///        | +--404 everywhere--> absent --pause--> listing
///        +------410-------------+            any failure --pause--> the same again
struct WatchMachine {
    enum Action: Hashable {
        /// Ask for a page of the list.
        case list(version: String, limit: Int, continuation: String?)
        case watch(version: String, resourceVersion: String, seconds: UInt64)
        /// Call `pauseEnded` after this many nanoseconds.
        case pause(UInt64)
        case tell(WatchEvent)
    }

    /// What is asked of the server, now or after a pause.
    enum Step: Hashable {
        case list(version: Int, continuation: String?)
        case watch(version: Int)
    }

    private enum State {
        case idle
        case asking(Step)
        /// The watch has been taken; events may come.
        case watching(version: Int)
        case pausing(then: Step)
    }

    let kind: APIKind
    private var state = State.idle
    private(set) var known = KnownObjects()
    private var backoff: Backoff
    /// Where a watch goes on.
    private var resourceVersion = ""
    /// What has been told as interrupted and is not over.
    private(set) var trouble: WatchTrouble?
    private(set) var isSynced = false
    private(set) var isAbsent = false
    private var refusals = 0

    init(kind: APIKind, seed: UInt64) {
        self.kind = kind
        backoff = Backoff(seed: seed)
    }

    mutating func start() -> [Action] {
        guard case .idle = state else { return [] }
        return relist()
    }

    // MARK: Listing

    /// An item of a page; false when it is no news.
    mutating func item(_ key: ObjectKey, version: UInt64) -> Bool {
        known.list(key, version: version)
    }

    /// A page was read to its end.
    mutating func page(resourceVersion: String, continuation: String?) -> [Action] {
        guard case .asking(.list(let version, _)) = state else { return [] }
        if let continuation, !continuation.isEmpty { return ask(.list(version: version, continuation: continuation)) }
        self.resourceVersion = resourceVersion
        trouble = nil
        isAbsent = false
        isSynced = true
        return known.endList().map { .tell(.removed($0)) } + [.tell(.synced)] + ask(.watch(version: version))
    }

    // MARK: Watching

    /// The server has taken the watch.
    mutating func opened() -> [Action] {
        guard case .asking(.watch(let version)) = state else { return [] }
        state = .watching(version: version)
        guard trouble != nil else { return [] }
        trouble = nil
        return [.tell(.synced)]
    }

    mutating func event(_ event: WatchLine) -> [Action] {
        guard case .watching = state else { return [] }
        switch event {
        case .changed(let object, let key, let version):
            progressed(to: version)
            return known.change(key, version: WatchLine.number(version)) ? [.tell(.changed(object))] : []
        case .removed(let key, let version):
            progressed(to: version)
            return known.remove(key, version: WatchLine.number(version)) ? [.tell(.removed(key))] : []
        case .bookmark(let version):
            progressed(to: version)
            return []
        case .error(let refusal):
            return refused(refusal)
        case .unreadable(let reason):
            // It may have been about any object: only a list tells what it was.
            return interrupted(.unreadable, "\(subject): \(reason); the list is read again")
                + pause(then: .list(version: 0, continuation: nil))
        }
    }

    private mutating func progressed(to version: String) {
        refusals = 0
        backoff.reset()
        if !version.isEmpty { resourceVersion = version }
    }

    /// The server has ended the stream of a watch in order.
    /// - Parameter age: nanoseconds since it was opened.
    mutating func ended(age: UInt64) -> [Action] {
        guard case .watching(let version) = state else { return [] }
        // A server that ends watch after watch at once may have nothing to say at this version.
        guard age >= WatchLimits.settled else { return pause(then: afterRefusal(.watch(version: version))) }
        backoff.reset()
        return ask(.watch(version: version))
    }

    // MARK: Failing

    /// An answer that is not the one asked for, or an event that says the same.
    mutating func refused(_ refusal: Refusal) -> [Action] {
        guard let step = current else { return [] }
        switch (refusal.status, step) {
        case (404, .list(let version, _)) where version + 1 < kind.versions.count:
            return ask(.list(version: version + 1, continuation: nil))
        case (404, .list):
            return absent()
        case (404, .watch), (410, _):
            return pause(then: .list(version: 0, continuation: nil))
        default:
            let told = interrupted(WatchTrouble(status: refusal.status), reason(refusal, step))
            let pause = max(backoff.next(), min(refusal.retryAfter ?? 0, WatchLimits.longestRetryAfter))
            return told + self.pause(then: afterRefusal(step), for: pause)
        }
    }

    /// No answer at all.
    mutating func failed(_ error: APIError, age: UInt64 = 0) -> [Action] {
        // A watch that was taken and then broke off is begun again before anything is said of it; not at once, because all
        // others of that server may have broken off with it.
        if case .watching(let version) = state {
            if age >= WatchLimits.settled { backoff.reset() }
            return pause(then: .watch(version: version))
        }
        guard let step = current else { return [] }
        return interrupted(WatchTrouble(error), "\(subject): the API server \(error)") + pause(then: step)
    }

    /// Time is up that a pause asked for.
    mutating func pauseEnded() -> [Action] {
        guard case .pausing(let step) = state else { return [] }
        if case .list(_, nil) = step { return relist() }
        return ask(step)
    }

    private var current: Step? {
        switch state {
        case .asking(let step): step
        case .watching(let version): .watch(version: version)
        case .idle, .pausing: nil
        }
    }

    private mutating func relist() -> [Action] {
        known.beginList()
        return ask(.list(version: 0, continuation: nil))
    }

    private mutating func ask(_ step: Step) -> [Action] {
        state = .asking(step)
        switch step {
        case .list(let version, let continuation):
            return [.list(version: kind.versions[version], limit: WatchLimits.pageSize, continuation: continuation)]
        case .watch(let version):
            let seconds = backoff.pick(WatchLimits.watchSeconds)
            return [.watch(version: kind.versions[version], resourceVersion: resourceVersion, seconds: seconds)]
        }
    }

    private mutating func pause(then step: Step) -> [Action] {
        pause(then: step, for: backoff.next())
    }

    private mutating func pause(then step: Step, for nanoseconds: UInt64) -> [Action] {
        state = .pausing(then: step)
        return [.pause(nanoseconds)]
    }

    private mutating func absent() -> [Action] {
        let wasAbsent = isAbsent
        known.removeAll()
        trouble = nil
        isSynced = false
        isAbsent = true
        let pause = backoff.pick(WatchLimits.reprobePause...(WatchLimits.reprobePause * 3 / 2))
        return (wasAbsent ? [] : [.tell(.absent)]) + self.pause(then: .list(version: 0, continuation: nil), for: pause)
    }

    private mutating func afterRefusal(_ step: Step) -> Step {
        guard case .watch = step else { return step }
        refusals += 1
        guard refusals >= WatchLimits.refusalsBeforeRelist else { return step }
        refusals = 0
        return .list(version: 0, continuation: nil)
    }

    private mutating func interrupted(_ trouble: WatchTrouble, _ reason: String) -> [Action] {
        guard self.trouble != trouble else { return [] }
        self.trouble = trouble
        return [.tell(.interrupted(reason: reason))]
    }

    // MARK: Words

    private var subject: String { kind.group.isEmpty ? kind.plural : "\(kind.plural).\(kind.group)" }

    private func reason(_ refusal: Refusal, _ step: Step) -> String {
        let verb = if case .list = step { "list" } else { "watch" }
        let words = refusal.message.isEmpty ? "" : ": \(refusal.message)"
        guard refusal.status == 403 else {
            return
                "\(subject): the API server answers \(verb) with \(refusal.status)\(words); what is known stays in use"
        }
        let group = kind.group.isEmpty ? "the core API group" : "API group \(kind.group)"
        return
            "\(subject): \(verb) of \(kind.plural) in \(group) is forbidden\(words); a Role or ClusterRole must allow get, list and watch"
    }
}
