package import ControlHTTP
internal import GatewayAPI
internal import Kubernetes
package import Reactor

/// The Kubernetes list and watch protocol, served from a cache: what proxies read of an API server they can read here,
/// and so can kubectl. Nothing can be written.
///
/// Belongs to one event loop. `handle` is the handler of an `HTTPServer` with `ServedAPILimits.server`.
package final class ServedAPI {
    let cache: ObjectCache
    let loop: EventLoop
    let limits: ServedAPILimits
    package internal(set) var counters = ServedAPICounters()
    private let authenticator: any Authenticator
    private let version: String
    private var watchers: [ObjectIdentifier: Watcher] = [:]
    /// Watchers that are told of changes as they happen, by what they watch: those of the same are told the same.
    private var groups: [ResourceKind: [ObjectScope: WatchGroup]] = [:]

    private final class WatchGroup {
        var members: [ObjectIdentifier: Watcher] = [:]
    }

    /// - Parameter version: the program's.
    package init(
        cache: ObjectCache, authenticator: any Authenticator, loop: EventLoop, version: String,
        limits: ServedAPILimits = ServedAPILimits()
    ) {
        self.cache = cache
        self.authenticator = authenticator
        self.loop = loop
        self.version = version
        self.limits = limits
        cache.onEvent = { [weak self] in self?.publish($0, $1) }
        cache.onAbsent = { [weak self] in self?.end($0) }
    }

    // MARK: Requests

    /// Answers a request, perhaps later.
    package func handle(_ request: HTTPServerRequest, _ stream: HTTPServerStream) {
        authenticator.authenticate(request) { [weak self] verdict in
            guard let self else { return stream.abort() }
            switch verdict {
            // Whoever has left in the meantime must not be kept among the watchers.
            case .allowed: if !stream.isEnded { answer(request, stream) }
            case .refused(let reason):
                counters.refused += 1
                refuse(stream, StatusAnswer(401, "Unauthorized", reason))
            case .forbidden(let reason):
                counters.refused += 1
                refuse(stream, StatusAnswer(403, "Forbidden", reason))
            case .unavailable(let reason):
                counters.unauthenticated += 1
                refuse(stream, StatusAnswer(503, "ServiceUnavailable", "credentials: \(reason)", retryAfter: 1))
            }
        }
    }

    private func refuse(_ stream: HTTPServerStream, _ status: StatusAnswer) {
        if status.code == 410 { counters.goneAnswers += 1 }
        stream.respond(status.answer)
    }

    private func answer(_ request: HTTPServerRequest, _ stream: HTTPServerStream) {
        guard request.isRead else {
            return refuse(stream, StatusAnswer(405, "MethodNotAllowed", "nothing can be written here"))
        }
        let path = ServedPath(request.path)
        switch path {
        case .objects(let kind, let namespace): read(kind, namespace, nil, request, stream)
        case .object(let kind, let key): read(kind, key.namespace.isEmpty ? nil : key.namespace, key, request, stream)
        default:
            let kinds = ServedKind.all.filter { cache.state($0.kind) != .absent }
            guard let answer = Discovery(kinds: kinds, version: version).answer(path) else {
                return refuse(stream, .notFound)
            }
            stream.respond(answer)
        }
    }

    /// - Parameter key: of the one object that is asked for; nil for a list.
    private func read(
        _ kind: ServedKind, _ namespace: String?, _ key: ObjectKey?, _ request: HTTPServerRequest,
        _ stream: HTTPServerStream
    ) {
        switch cache.state(kind.kind) {
        case .absent: return refuse(stream, .notFound)
        case .loading: return refuse(stream, .loading(kind))
        case .ready: break
        }
        do throws(QueryRefusal) {
            var query = try ServedQuery(request.query, namespace: namespace)
            if let key, !query.isWatch { return get(kind, key, stream) }
            if let key { query.scope.name = key.name }
            if query.isWatch { watch(kind, query, stream) } else { list(kind, query, stream) }
        } catch {
            refuse(stream, .badRequest(error.reason))
        }
    }

    private func get(_ kind: ServedKind, _ key: ObjectKey, _ stream: HTTPServerStream) {
        counters.reads += 1
        guard let object = cache.object(kind.kind, key) else { return refuse(stream, .notFound(kind, key.name)) }
        stream.respond(
            HTTPAnswer(status: 200, fields: ["content-type": "application/json"], body: [object.bytes[...]]))
    }

    // MARK: Lists

    private func list(_ kind: ServedKind, _ query: ServedQuery, _ stream: HTTPServerStream) {
        counters.lists += 1
        var candidates = cache.objects(kind.kind, in: query.scope.namespace)
        var version = cache.version
        if let text = query.continuation {
            guard let continuation = ListContinuation(text) else {
                return refuse(stream, .badRequest("continue: is no token of this server"))
            }
            // What has changed since the first page is told by a watch from its version on, as long as that is known.
            guard isKnown(continuation.version, kind) else { return refuse(stream, .expired("continue")) }
            version = continuation.version
            candidates = candidates.drop { !(continuation.key < $0.key) }
        } else if let refusal = refusal(query, kind) {
            return refuse(stream, refusal)
        }
        var page = ListPage(kind, candidates, scope: query.scope, version: version, limit: query.limit)
        let first = page.batch(bytes: limits.batchBytes)
        let fields: HTTPFields = ["content-type": "application/json"]
        if page.isFinished { return stream.respond(HTTPAnswer(status: 200, fields: fields, body: first)) }
        let batchBytes = limits.batchBytes
        stream.begin(status: 200, fields: fields)
        stream.write(first)
        stream.onDrain = { [unowned stream] in
            stream.write(page.batch(bytes: batchBytes))
            if page.isFinished { stream.finish() }
        }
    }

    /// What speaks against a list at the version that is asked for. 0 is any; any other means "not older", and nothing
    /// here is older than what this cache has told.
    private func refusal(_ query: ServedQuery, _ kind: ServedKind) -> StatusAnswer? {
        guard let version = UInt64(query.resourceVersion), version > 0 else { return nil }
        let isMet = query.isExact ? version == cache.version : cache.isOwn(version)
        return isMet ? nil : .expired(query.resourceVersion)
    }

    private func isKnown(_ version: UInt64, _ kind: ServedKind) -> Bool {
        cache.isOwn(version) && cache.events(kind.kind, after: version) != nil
    }

    // MARK: Watches

    private func watch(_ kind: ServedKind, _ query: ServedQuery, _ stream: HTTPServerStream) {
        let version = UInt64(query.resourceVersion) ?? 0
        // Without a version everything that is there comes first, unless it is not wanted.
        let start = query.sendsInitialEvents == true ? 0 : version
        let position = start > 0 ? start : query.sendsInitialEvents == false ? cache.version : nil
        guard version == 0 || isKnown(version, kind) else { return refuse(stream, .expired(query.resourceVersion)) }
        guard watchers.count < limits.watchers else {
            return refuse(stream, StatusAnswer(429, "TooManyRequests", "too many watches", retryAfter: 1))
        }
        let watcher = Watcher(kind, query, position: position, stream: stream, api: self)
        watchers[ObjectIdentifier(watcher)] = watcher
        counters.watchesStarted += 1
        counters.watchers = watchers.count
        let seconds = query.timeoutSeconds.flatMap { $0 > 0 ? $0 : nil } ?? UInt64.random(in: limits.watchSeconds)
        watcher.begin(seconds: min(seconds, limits.longestWatchSeconds))
    }

    /// The watcher is told of changes as they happen from now on.
    func join(_ watcher: Watcher) {
        let group = groups[watcher.kind.kind]?[watcher.scope] ?? WatchGroup()
        group.members[ObjectIdentifier(watcher)] = watcher
        groups[watcher.kind.kind, default: [:]][watcher.scope] = group
    }

    func part(_ watcher: Watcher) {
        guard let group = groups[watcher.kind.kind]?[watcher.scope] else { return }
        group.members[ObjectIdentifier(watcher)] = nil
        if group.members.isEmpty { groups[watcher.kind.kind]?[watcher.scope] = nil }
    }

    func left(_ watcher: Watcher) {
        part(watcher)
        watchers[ObjectIdentifier(watcher)] = nil
        counters.watchers = watchers.count
    }

    /// The kind is not served any more.
    private func end(_ kind: ResourceKind) {
        for watcher in watchers.values where watcher.kind.kind == kind { watcher.finish() }
    }

    // MARK: Changes

    /// Tells a change to everybody whom it concerns, in the same bytes.
    private func publish(_ kind: ResourceKind, _ event: ObjectEvent) {
        counters.changes += 1
        guard let groups = groups[kind] else { return }
        var added: HTTPChunk?
        var modified: HTTPChunk?
        var deleted: HTTPChunk?
        for (scope, group) in groups {
            guard let sight = WatchEncoding.sight(of: event, in: scope) else { continue }
            let chunk: HTTPChunk
            switch sight {
            case .added: chunk = added ?? WatchEncoding.chunk(event, sight)
            case .modified: chunk = modified ?? WatchEncoding.chunk(event, sight)
            case .deleted: chunk = deleted ?? WatchEncoding.chunk(event, sight)
            }
            switch sight {
            case .added: added = chunk
            case .modified: modified = chunk
            case .deleted: deleted = chunk
            }
            for watcher in group.members.values { watcher.tell(chunk, of: event) }
        }
    }
}
