package import GatewayAPI
package import Kubernetes
package import Reactor

/// What is known of an object that is looked for by its name.
package enum NamedObjectState: Hashable, Sendable {
    /// It has not been looked for yet.
    case unknown
    /// It never could be looked for; the text says why.
    case unreadable(String)
    case absent
    case found(Node)
}

/// Objects of one kind that others refer to by name, as ConfigMaps and Secrets: each is watched by its name, so that no
/// more is read than is referred to. When very many are, one watch of the whole kind takes over, and only what is
/// wanted is kept.
package final class NamedObjects {
    /// Each watch has a connection of its own.
    static let watchLimit = 64

    private let transport: any APITransport
    private let loop: EventLoop
    private let kind: APIKind
    private let watchLimit: Int
    private let onChange: (ObjectKey) -> Void
    private var wanted: Set<ObjectKey> = []
    /// What is known; nothing is of what is missing here.
    private(set) var states: [ObjectKey: NamedObjectState] = [:]
    private var watches: [ObjectKey: ResourceWatch] = [:]
    private var wholeWatch: ResourceWatch?

    package init(
        transport: any APITransport, loop: EventLoop, kind: APIKind, watchLimit: Int = NamedObjects.watchLimit,
        onChange: @escaping (ObjectKey) -> Void
    ) {
        self.transport = transport
        self.loop = loop
        self.kind = kind
        self.watchLimit = watchLimit
        self.onChange = onChange
    }

    package func state(_ key: ObjectKey) -> NamedObjectState { states[key] ?? .unknown }
    package var count: Int { wanted.count }

    /// Says which objects are referred to from now on.
    package func want(_ keys: Set<ObjectKey>) {
        guard keys != wanted else { return }
        wanted = keys
        for key in states.keys where !keys.contains(key) { states[key] = nil }
        if keys.count > watchLimit {
            for watch in watches.values { watch.stop() }
            watches = [:]
            watchWhole()
        } else {
            wholeWatch?.stop()
            wholeWatch = nil
            watchEach(keys)
        }
    }

    package func stop() {
        wholeWatch?.stop()
        for watch in watches.values { watch.stop() }
        wholeWatch = nil
        watches = [:]
    }

    private func watchEach(_ keys: Set<ObjectKey>) {
        for (key, watch) in watches where !keys.contains(key) {
            watch.stop()
            watches[key] = nil
        }
        for key in keys where watches[key] == nil {
            let scope = WatchScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
            let watch = ResourceWatch(transport: transport, loop: loop, kind: kind, scope: scope) { [weak self] in
                self?.told(key, $0)
            }
            watches[key] = watch
            watch.start()
        }
    }

    private func told(_ key: ObjectKey, _ event: WatchEvent) {
        switch event {
        case .changed(let object): set(key, .found(object))
        case .removed, .absent: set(key, .absent)
        case .synced: if !isKnown(key) { set(key, .absent) }
        case .interrupted(let reason, _): if !isKnown(key) { set(key, .unreadable(reason)) }
        }
    }

    private func watchWhole() {
        // One that runs already knows what was not wanted until now, but has not kept it.
        wholeWatch?.stop()
        let watch = ResourceWatch(transport: transport, loop: loop, kind: kind) { [weak self] in self?.told($0) }
        wholeWatch = watch
        watch.start()
    }

    private func told(_ event: WatchEvent) {
        switch event {
        case .changed(let object):
            guard let id = ManagedInventory.id(kind, object), wanted.contains(id.key) else { return }
            set(id.key, .found(object))
        case .removed(let key):
            if wanted.contains(key) { set(key, .absent) }
        case .synced:
            for key in wanted where !isKnown(key) { set(key, .absent) }
        case .absent:
            for key in wanted { set(key, .absent) }
        case .interrupted(let reason, _):
            for key in wanted where !isKnown(key) { set(key, .unreadable(reason)) }
        }
    }

    /// What was known once stays while the server is out of reach.
    private func isKnown(_ key: ObjectKey) -> Bool {
        switch state(key) {
        case .unknown, .unreadable: false
        case .absent, .found: true
        }
    }

    private func set(_ key: ObjectKey, _ state: NamedObjectState) {
        guard states[key] != state else { return }
        states[key] = state
        onChange(key)
    }
}
