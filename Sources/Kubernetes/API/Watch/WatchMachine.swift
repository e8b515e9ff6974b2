internal import GatewayAPI

/// The life of one watch, without sockets or clocks: each method is something that happened and returns what is to be
/// done about it, in order.
///
///     listing --last page--> watching --ended--> watching
///        ^ |                    |
///        | +--404 everywhere--> absent --pause--> listing
///        +------410-------------+            any failure --pause--> the same again
///                                            no answer --wait (`Reconnection`)--> the same again
///
/// Of a server that several stand behind, each with versions of its own, a list and the watch that follows it may come
/// from two. There the list is streamed: it comes as the first events of the watch (KEP-3157).
struct WatchMachine {
    enum Action: Hashable {
        /// Ask for a page of the list.
        case list(version: String, limit: Int, continuation: String?)
        case watch(version: String, resourceVersion: String, seconds: UInt64)
        /// Ask for a watch that begins with everything there is.
        case stream(version: String, seconds: UInt64)
        /// Call `pauseEnded` after this many nanoseconds.
        case pause(UInt64)
        /// Call `pauseEnded` when it is this watch's turn to try whether the server answers, or when it has answered
        /// another.
        case wait
        /// The server answers again: others that wait for that may go on.
        case answered
        case tell(WatchEvent)
    }

    /// What is asked of the server, now or after a pause.
    enum Step: Hashable {
        case list(version: Int, continuation: String?)
        case watch(version: Int)
        /// List and watch in one.
        case stream(version: Int)
    }

    private enum State {
        case idle
        case asking(Step)
        /// The watch has been taken; events may come. At first they may be those of a streamed list.
        case watching(version: Int, isListing: Bool)
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
    /// Answers 410 in a row, without anything told between them.
    private var expirations = 0
    private var streamsLists: Bool
    /// What is asked comes after a pause, as late as the pause of no other watch.
    private var isSpread = false
    /// No answer came, and none of a server that is well has come since.
    private var isCutOff = false
    /// Whose answers these are, for people.
    let server: String

    /// - Parameter streamsLists: whether lists are asked for as streams, as long as the server does not refuse it.
    init(kind: APIKind, seed: UInt64, streamsLists: Bool = false, server: String = "the API server") {
        self.kind = kind
        self.streamsLists = streamsLists
        self.server = server
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
        let answered = heard()
        if let continuation, !continuation.isEmpty {
            return answered + ask(.list(version: version, continuation: continuation))
        }
        return answered + listed(at: resourceVersion) + ask(.watch(version: version))
    }

    private mutating func listed(at resourceVersion: String) -> [Action] {
        self.resourceVersion = resourceVersion
        let gone: [Action] = known.endList().map { .tell(.removed($0)) }
        isAbsent = false
        // Lists are not what is wrong with expiring versions, so one more does not end it.
        if isSynced && trouble == .expiring { return gone }
        trouble = nil
        isSynced = true
        return gone + [.tell(.synced)]
    }

    // MARK: Watching

    /// The server has taken the watch.
    mutating func opened() -> [Action] {
        isSpread = false
        switch state {
        case .asking(.stream(let version)):
            state = .watching(version: version, isListing: true)
            return heard()
        case .asking(.watch(let version)):
            state = .watching(version: version, isListing: false)
            guard trouble != nil, trouble != .expiring else { return heard() }
            trouble = nil
            return heard() + [.tell(.synced)]
        default: return []
        }
    }

    private mutating func heard() -> [Action] {
        defer { isCutOff = false }
        return isCutOff ? [.answered] : []
    }

    mutating func event(_ event: WatchLine) -> [Action] {
        guard case .watching(let version, let isListing) = state else { return [] }
        switch event {
        case .changed(let object, let key, let at) where isListing:
            return known.list(key, version: WatchLine.number(at)) ? [.tell(.changed(object))] : []
        case .bookmark(let at, let endsList) where isListing:
            guard endsList else { return [] }
            state = .watching(version: version, isListing: false)
            return progressed(to: at) + listed(at: at)
        case .changed(let object, let key, let version):
            let isNews = known.change(key, version: WatchLine.number(version))
            return progressed(to: version) + (isNews ? [.tell(.changed(object))] : [])
        case .removed(let key, let version):
            let isNews = known.remove(key, version: WatchLine.number(version))
            return progressed(to: version) + (isNews ? [.tell(.removed(key))] : [])
        case .bookmark(let version, _):
            return progressed(to: version)
        case .error(let refusal):
            return refused(refusal)
        case .unreadable(let reason):
            // It may have been about any object: only a list tells what it was.
            return interrupted(.unreadable, "\(subject): \(reason); the list is read again") + pause(then: first)
        }
    }

    /// Refusals before it, and versions that had expired, are no row with those after it.
    private mutating func wasInOrder() {
        refusals = 0
        expirations = 0
        backoff.reset()
    }

    private mutating func progressed(to version: String) -> [Action] {
        wasInOrder()
        if !version.isEmpty { resourceVersion = version }
        guard trouble == .expiring else { return [] }
        trouble = nil
        return [.tell(.synced)]
    }

    /// The server has ended the stream of a watch in order.
    /// - Parameter age: nanoseconds since it was opened.
    mutating func ended(age: UInt64) -> [Action] {
        guard case .watching(let version, let isListing) = state else { return [] }
        if isListing { return failed(.invalidResponse("a streamed list without its end")) }
        // A server that ends watch after watch at once may have nothing to say at this version.
        guard age >= WatchLimits.settled else { return pause(then: afterRefusal(.watch(version: version))) }
        return progressed(to: "") + ask(.watch(version: version))
    }

    // MARK: Failing

    /// An answer that is not the one asked for, or an event that says the same.
    mutating func refused(_ refusal: Refusal) -> [Action] {
        guard let step = current else { return [] }
        // A server that is not well is not asked by everybody because it has managed to say so.
        let isWell = WatchTrouble(status: refusal.status) != .overloaded
        return (isWell ? heard() : []) + consequence(of: refusal, step)
    }

    private mutating func consequence(of refusal: Refusal, _ step: Step) -> [Action] {
        switch (refusal.status, step) {
        case (404, .list(let version, _)) where version + 1 < kind.versions.count,
            (404, .stream(let version)) where version + 1 < kind.versions.count:
            return ask(first(version: version + 1))
        case (404, .list), (404, .stream):
            return absent()
        case (400, .stream), (422, .stream):
            streamsLists = false
            return relist()
        case (410, .watch) where streamsLists && isSpread && expirations == 0:
            // Another server than before, which gives versions of its own: nothing is wrong, and nobody comes at the
            // same time.
            return expired() + relist()
        case (410, _):
            return expired() + pause(then: first)
        case (404, .watch):
            return pause(then: first)
        default:
            let told = interrupted(WatchTrouble(status: refusal.status), reason(refusal, step))
            let pause = max(backoff.next(), min(refusal.retryAfter ?? 0, WatchLimits.longestRetryAfter))
            return told + self.pause(then: afterRefusal(step), for: pause)
        }
    }

    /// No answer at all.
    mutating func failed(_ error: APIError, age: UInt64 = 0) -> [Action] {
        guard let step = current else { return [] }
        // A watch that was taken and then broke off is begun again before anything is said of it; not at once, because
        // all others of that server may have broken off with it. Not so a list: nothing is known until it is whole.
        let trouble = WatchTrouble(error)
        isCutOff = trouble.isOutage
        if case .watching(_, isListing: false) = state {
            if age >= WatchLimits.settled { wasInOrder() }
            return again(step)
        }
        let outage = isCutOff ? "\(server) \(error)" : nil
        return interrupted(trouble, "\(subject): \(server) \(error)", outage: outage) + again(step)
    }

    private mutating func again(_ step: Step) -> [Action] {
        guard isCutOff else { return pause(then: step) }
        state = .pausing(then: step)
        return [.wait]
    }

    /// Time is up that a pause asked for, or the wait for an answer.
    mutating func pauseEnded() -> [Action] {
        guard case .pausing(let step) = state else { return [] }
        defer { isSpread = true }
        switch step {
        case .list(_, nil), .stream: return relist()
        case .list, .watch: return ask(step)
        }
    }

    private var current: Step? {
        switch state {
        case .asking(let step): step
        case .watching(let version, let isListing): isListing ? .stream(version: version) : .watch(version: version)
        case .idle, .pausing: nil
        }
    }

    /// Lists again what is being watched.
    mutating func readAgain() -> [Action] {
        guard case .watching(_, isListing: false) = state else { return [] }
        known.forgetVersions()
        return relist()
    }

    private mutating func relist() -> [Action] {
        known.beginList()
        return ask(first)
    }

    /// How everything there is is asked for.
    private var first: Step { first(version: 0) }

    private func first(version: Int) -> Step {
        streamsLists ? .stream(version: version) : .list(version: version, continuation: nil)
    }

    /// The server knows nothing of the version any more. Once that is nothing special; again and again it means that
    /// nothing of what happens between two lists is heard of in time.
    private mutating func expired() -> [Action] {
        expirations += 1
        guard expirations >= WatchLimits.expirationsInOrder else { return [] }
        return interrupted(
            .expiring,
            "\(subject): \(server) answers 410 (Gone) to the versions of its own lists; changes are heard of late")
    }

    private mutating func ask(_ step: Step) -> [Action] {
        state = .asking(step)
        isSpread = false
        switch step {
        case .list(let version, let continuation):
            return [.list(version: kind.versions[version], limit: WatchLimits.pageSize, continuation: continuation)]
        case .watch(let version):
            let seconds = backoff.pick(WatchLimits.watchSeconds)
            return [.watch(version: kind.versions[version], resourceVersion: resourceVersion, seconds: seconds)]
        case .stream(let version):
            let seconds = backoff.pick(WatchLimits.watchSeconds)
            return [.stream(version: kind.versions[version], seconds: seconds)]
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
        let isNews = !isAbsent || trouble != nil
        known.removeAll()
        trouble = nil
        isSynced = false
        isAbsent = true
        let pause = backoff.pick(WatchLimits.reprobePause...(WatchLimits.reprobePause * 3 / 2))
        return (isNews ? [.tell(.absent)] : []) + self.pause(then: first, for: pause)
    }

    private mutating func afterRefusal(_ step: Step) -> Step {
        guard case .watch = step else { return step }
        refusals += 1
        guard refusals >= WatchLimits.refusalsBeforeRelist else { return step }
        refusals = 0
        return first
    }

    private mutating func interrupted(
        _ trouble: WatchTrouble, _ reason: String, outage: String? = nil
    ) -> [Action] {
        guard self.trouble != trouble else { return [] }
        self.trouble = trouble
        return [.tell(.interrupted(reason: reason, outage: outage))]
    }
}
