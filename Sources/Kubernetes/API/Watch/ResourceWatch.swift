package import GatewayAPI
package import Reactor

/// Keeps its owner told of every object of one kind in one scope: lists in pages, watches, and begins again after
/// whatever happens. Carries out what its `WatchMachine` decides.
///
/// Belongs to the loop's thread. The handler may stop the watch, and is not called after that.
package final class ResourceWatch {
    package let kind: APIKind
    package let scope: WatchScope
    private let transport: any APITransport
    private let reconnection: Reconnection
    private let loop: EventLoop
    private let handler: (WatchEvent) -> Void
    /// What of the objects is not read.
    private let leftOut: String?
    private var machine: WatchMachine
    private var isStopped = false

    private var call: (any APICall)?
    private var pause: EventTimer?
    private var stream = Stream()

    /// The present connection of a watch.
    private struct Stream {
        var openedAt: UInt64 = 0
        var lastLine: UInt64 = 0
        var hasBookmarks = false
        var silence: EventTimer?
        var version = ""
    }

    /// - Parameters:
    ///   - keepsManagedFields: whether objects come with them; they are often most of an object's text.
    ///   - seed: of the jitter.
    package init(
        transport: any APITransport, loop: EventLoop, kind: APIKind, scope: WatchScope = WatchScope(),
        keepsManagedFields: Bool = false, seed: UInt64 = UInt64.random(in: .min ... .max),
        handler: @escaping (WatchEvent) -> Void
    ) {
        leftOut = keepsManagedFields ? nil : WatchLine.bookkeeping
        self.transport = transport
        reconnection = transport.reconnection
        self.loop = loop
        self.kind = kind
        self.scope = scope
        self.handler = handler
        machine = WatchMachine(
            kind: kind, seed: seed, streamsLists: transport.streamsLists, server: transport.serverTitle)
    }

    deinit { release() }

    package func start() {
        perform(machine.start())
    }

    /// Ends a pause, if there is one: whoever asks has reason to think that it goes better now.
    package func retry() {
        endPause()
        perform(machine.pauseEnded())
    }

    /// Has everything told again that is there: somebody has let go of some of it.
    func readAgain() {
        let actions = machine.readAgain()
        guard !actions.isEmpty else { return }
        endCall()
        perform(actions)
    }

    /// It is this watch's turn to try, or another of its server has been answered.
    func resume(after delay: UInt64) {
        if let pause { loop.cancel(pause) }
        pause = loop.after(delay) { [weak self] in
            guard let self else { return }
            pause = nil
            perform(machine.pauseEnded())
        }
    }

    package func stop() {
        isStopped = true
        release()
    }

    /// Everything that was there has been told, if not of late.
    package var isSynced: Bool { machine.isSynced }
    /// The server does not serve the kind.
    package var isAbsent: Bool { machine.isAbsent }
    /// What has been told as interrupted is not over.
    package var isInterrupted: Bool { machine.trouble != nil }
    /// The server refuses it for want of a right.
    package var isForbidden: Bool { machine.trouble == .forbidden }
    /// The server refuses it for want of a right or of good credentials, or cannot be reached: trying again at once is
    /// in vain.
    var isHopeless: Bool {
        switch machine.trouble {
        case .forbidden, .credentials, .unreachable: true
        case .timedOut, .overloaded, .refused, .unreadable, .expiring, nil: false
        }
    }
    package var objectCount: Int { machine.known.count }
    /// Whether the object has been told of and is not gone.
    package func knows(_ key: ObjectKey) -> Bool { machine.known.contains(key) }

    private func release() {
        endCall()
        endPause()
    }

    private func endCall() {
        call?.cancel()
        call = nil
        if let silence = stream.silence { loop.cancel(silence) }
    }

    private func endPause() {
        if let pause { loop.cancel(pause) }
        pause = nil
        reconnection.leave(self)
    }

    private func perform(_ actions: [WatchMachine.Action]) {
        for action in actions {
            guard !isStopped else { return }
            switch action {
            case .tell(let event): handler(event)
            case .list(let version, let limit, let continuation): list(version, limit, continuation)
            case .watch(let version, let resourceVersion, let seconds):
                watch(version, seconds, [(name: "resourceVersion", value: resourceVersion)])
            case .stream(let version, let seconds): watch(version, seconds, Self.listFirst)
            case .pause(let delay):
                endCall()
                resume(after: delay)
            case .wait:
                endCall()
                reconnection.wait(self, on: loop)
            case .answered: reconnection.answered()
            }
        }
    }

    // MARK: Listing

    private func list(_ version: String, _ limit: Int, _ continuation: String?) {
        var query = selectors + [(name: "limit", value: String(limit))]
        if let continuation { query.append((name: "continue", value: continuation)) }
        let request = APIRequest(
            .get, kind.path(version: version, namespace: scope.namespace), query: query, pieces: .items)
        call = transport.stream(request, opened: {}) { [weak self] item in
            self?.read(item, version)
        } _: { [weak self] result in
            self?.listed(result)
        }
    }

    private func listed(_ result: Result<APIResponse, APIError>) {
        switch result {
        case .failure(let error): perform(machine.failed(error))
        case .success(let response) where response.isSuccess: finish(response.body)
        case .success(let response): perform(machine.refused(refusal(response)))
        }
    }

    /// Items are told as they come: of a page, too, only one item at a time stands in memory, and a server that knows
    /// no pages may send everything at once.
    private func read(_ text: ArraySlice<UInt8>, _ version: String) {
        do throws(JSONError) {
            item(try JSONReader.node(text, leavingOut: leftOut), version)
        } catch {
            call?.cancel()
            perform(machine.failed(.invalidResponse("a list with an item that \(error)")))
        }
    }

    /// - Parameter body: of a page, without its items.
    private func finish(_ body: [UInt8]) {
        do throws(JSONError) {
            let page = try JSONReader.node(body)
            guard page["items"]?.elements.isEmpty ?? true else {
                // Whoever cuts out the items knows their key as everybody writes it.
                return perform(machine.failed(.invalidResponse("a list that writes its key \"items\" with escapes")))
            }
            guard let metadata = page["metadata"], let at = metadata["resourceVersion"]?.stringValue, !at.isEmpty
            else { return perform(machine.failed(.invalidResponse("a list without a resourceVersion"))) }
            perform(machine.page(resourceVersion: at, continuation: metadata["continue"]?.stringValue))
        } catch {
            perform(machine.failed(.invalidResponse("a list that \(error)")))
        }
    }

    private func item(_ item: Node, _ version: String) {
        guard !isStopped else { return }
        guard let key = item.objectKey else { return handler(.changed(item.completed(kind, version))) }
        guard machine.item(key, version: WatchLine.number(item.resourceVersion)) else { return }
        handler(.changed(item.completed(kind, version)))
    }

    // MARK: Watching

    private static let listFirst = [
        (name: "sendInitialEvents", value: "true"), (name: "resourceVersionMatch", value: "NotOlderThan"),
    ]

    /// - Parameter start: what the watch begins with, as parameters of the query.
    private func watch(_ version: String, _ seconds: UInt64, _ start: [(name: String, value: String)]) {
        let query =
            selectors + [
                (name: "watch", value: "true"), (name: "allowWatchBookmarks", value: "true"),
                (name: "timeoutSeconds", value: String(seconds)),
            ] + start
        let timeout = seconds * WatchLimits.second + WatchLimits.watchGrace
        let request = APIRequest(
            .get, kind.path(version: version, namespace: scope.namespace), query: query, timeout: timeout)
        if let silence = stream.silence { loop.cancel(silence) }
        stream = Stream()
        stream.version = version
        call = transport.stream(request, opened: { [weak self] in self?.opened() }) { [weak self] line in
            self?.received(line)
        } _: { [weak self] result in
            self?.watchEnded(result)
        }
    }

    private func opened() {
        stream.openedAt = Clock.now()
        stream.lastLine = stream.openedAt
        perform(machine.opened())
    }

    private func received(_ line: ArraySlice<UInt8>) {
        stream.lastLine = Clock.now()
        let event = WatchLine(line, of: kind, version: stream.version, leavingOut: leftOut)
        if case .bookmark = event, !stream.hasBookmarks {
            stream.hasBookmarks = true
            listenForSilence(WatchLimits.bookmarkSilence)
        }
        perform(machine.event(event))
    }

    private func listenForSilence(_ delay: UInt64) {
        stream.silence = loop.after(delay) { [weak self] in
            guard let self, !isStopped else { return }
            let silent = Clock.now() &- stream.lastLine
            guard silent >= WatchLimits.bookmarkSilence else {
                return listenForSilence(WatchLimits.bookmarkSilence - silent)
            }
            call?.cancel()
            watchEnded(.failure(.timedOut))
        }
    }

    private func watchEnded(_ result: Result<APIResponse, APIError>) {
        if let silence = stream.silence { loop.cancel(silence) }
        let age = stream.openedAt == 0 ? 0 : Clock.now() &- stream.openedAt
        switch result {
        case .failure(let error): perform(machine.failed(error, age: age))
        case .success(let response) where response.isSuccess: perform(machine.ended(age: age))
        case .success(let response): perform(machine.refused(refusal(response)))
        }
    }

    // MARK: Parts

    private var selectors: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let selector = scope.labelSelector { query.append((name: "labelSelector", value: selector)) }
        if let selector = scope.fieldSelector { query.append((name: "fieldSelector", value: selector)) }
        return query
    }

    private func refusal(_ response: APIResponse) -> Refusal {
        var refusal = WatchLine.refusal(
            try? JSONReader.node(response.body), status: response.status, retryAfter: response.retryAfter)
        // What the server says in its head counts.
        refusal.status = response.status
        return refusal
    }
}
