internal import ControlHTTP
internal import Kubernetes
internal import Reactor

/// One watch: first what was there when it began, then what the history knows since, and then what happens as it
/// happens. A watcher that takes too little for the last goes back to the one before: nothing is kept for it but its
/// place.
final class Watcher {
    private enum Phase {
        case initial(ArraySlice<ServedObject>, at: UInt64)
        /// Told of everything up to a version.
        case history(UInt64)
        case live
        case ended
    }

    let kind: ServedKind
    let scope: ObjectScope
    private unowned let api: ServedAPI
    private let stream: HTTPServerStream
    private let allowsBookmarks: Bool
    private let marksInitialEnd: Bool
    private var phase: Phase
    private var bookmark: EventTimer?
    private var end: EventTimer?

    /// - Parameter position: told of everything up to it; nil: of nothing yet.
    init(_ kind: ServedKind, _ query: ServedQuery, position: UInt64?, stream: HTTPServerStream, api: ServedAPI) {
        self.kind = kind
        self.scope = query.scope
        self.stream = stream
        self.api = api
        allowsBookmarks = query.allowsBookmarks
        marksInitialEnd = query.sendsInitialEvents == true && query.allowsBookmarks
        phase =
            position.map { .history($0) }
            ?? .initial(api.cache.objects(kind.kind, in: query.scope.namespace), at: api.cache.version)
    }

    func begin(seconds: UInt64) {
        stream.onClose = { [weak self] in self?.leave() }
        stream.onDrain = { [weak self] in self?.advance() }
        stream.begin(status: 200, fields: ["content-type": "application/json"])
        end = api.loop.after(seconds * ServedAPILimits.second) { [weak self] in self?.stream.finish() }
        if allowsBookmarks { scheduleBookmark() }
        advance()
    }

    // MARK: Catching up

    /// Goes on with what the watcher was not told yet. Called again when what was written is sent.
    private func advance() {
        if case .initial(let objects, let version) = phase, !sendInitial(objects, version) { return }
        if case .history(let position) = phase { sendHistory(position) }
    }

    /// True when all of them are sent.
    private func sendInitial(_ objects: ArraySlice<ServedObject>, _ version: UInt64) -> Bool {
        var pieces: [ArraySlice<UInt8>] = []
        var size = 0
        var rest = objects
        var looked = 0
        while size < api.limits.batchBytes, looked < api.limits.batchObjects, let object = rest.popFirst() {
            looked += 1
            guard scope.matches(object) else { continue }
            pieces += WatchEncoding.pieces(object)
            size += object.bytes.count
        }
        phase = .initial(rest, at: version)
        write(pieces)
        if !rest.isEmpty {
            // Nothing of the batch was for this watcher: no end of sending will call again.
            if pieces.isEmpty { api.loop.after(0) { [weak self] in self?.advance() } }
            return false
        }
        if marksInitialEnd { stream.write(WatchEncoding.bookmark(kind, version: version, endsInitialEvents: true)) }
        if case .initial = phase { phase = .history(version) }
        return true
    }

    private func sendHistory(_ start: UInt64) {
        guard let events = api.cache.events(kind.kind, after: start) else { return expire() }
        var pieces: [ArraySlice<UInt8>] = []
        var size = 0
        var position = start
        var isWhole = true
        for (looked, event) in events.enumerated() {
            guard size < api.limits.batchBytes, looked < api.limits.batchObjects else {
                isWhole = false
                break
            }
            position = event.version
            guard let sight = WatchEncoding.sight(of: event, in: scope) else { continue }
            let line = WatchEncoding.pieces(event, sight)
            size += line.reduce(0) { $0 + $1.count }
            pieces += line
            api.counters.eventsSent += 1
        }
        phase = .history(position)
        write(pieces)
        guard case .history = phase else { return }
        if isWhole {
            phase = .live
            api.join(self)
        } else if pieces.isEmpty {
            api.loop.after(0) { [weak self] in self?.advance() }
        }
    }

    private func write(_ pieces: [ArraySlice<UInt8>]) {
        if !pieces.isEmpty { stream.write(pieces) }
    }

    /// The history does not reach back to where this watcher is: it must list anew.
    private func expire() {
        api.counters.watchersExpired += 1
        stream.write(WatchEncoding.error(.expired("the watcher was too slow")))
        stream.finish()
    }

    // MARK: Live

    /// A change as it happens.
    func tell(_ chunk: HTTPChunk, of event: ObjectEvent) {
        guard case .live = phase else { return }
        if stream.bufferedBytes + chunk.payload.count > api.limits.watcherBacklog, stream.bufferedBytes > 0 {
            api.counters.watchersFellBehind += 1
            phase = .history(event.version - 1)
            api.part(self)
            return
        }
        api.counters.eventsSent += 1
        stream.write(chunk)
    }

    private func scheduleBookmark() {
        let interval = api.limits.bookmarkInterval
        bookmark = api.loop.after(interval - UInt64.random(in: 0...(interval / 4))) { [weak self] in
            guard let self else { return }
            // One that is behind must not be told of a version that it has not reached.
            if case .live = phase { stream.write(WatchEncoding.bookmark(kind, version: api.cache.version)) }
            scheduleBookmark()
        }
    }

    // MARK: Ending

    func finish() { stream.finish() }

    private func leave() {
        if case .ended = phase { return }
        phase = .ended
        if let bookmark { api.loop.cancel(bookmark) }
        if let end { api.loop.cancel(end) }
        api.left(self)
    }
}
