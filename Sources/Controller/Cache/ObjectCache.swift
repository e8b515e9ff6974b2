package import GatewayAPI
internal import Glibc
package import Kubernetes

/// What the served API answers from: the objects of every served kind, and what has lately become of them. Fed by
/// watches of an API server or by a folder. Belongs to one event loop.
package final class ObjectCache {
    private var stores: [ResourceKind: KindStore] = [:]
    private var forms: [ResourceKind: ServedForm] = [:]
    private var versions: ServedVersion

    /// Called for each change of a kind that is ready, after it was taken in.
    var onEvent: (ResourceKind, ObjectEvent) -> Void = { _, _ in }
    /// Called when a kind is not served any more.
    var onAbsent: (ResourceKind) -> Void = { _ in }

    package convenience init() {
        self.init(
            seconds: UInt64(clamping: time(nil)), tag: UInt64.random(in: .min ... .max),
            maximumEvents: EventHistory.maximumEvents)
    }

    init(seconds: UInt64, tag: UInt64, maximumEvents: Int) {
        versions = ServedVersion(seconds: seconds, tag: tag)
        for kind in ServedKind.all {
            stores[kind.kind] = KindStore(floor: versions.current, maximumEvents: maximumEvents)
            forms[kind.kind] = ServedForm(kind)
        }
    }

    // MARK: Feeding

    /// Takes in what a watch tells. Kinds that are not served are passed over.
    package func observe(_ kind: ResourceKind, _ event: WatchEvent) {
        switch event {
        case .changed(let object): put(kind, object)
        case .removed(let key): remove(kind, key)
        case .synced: setReady(kind)
        case .absent: setAbsent(kind)
        case .interrupted: return
        }
    }

    /// Takes in an object as it is now. One that differs in nothing that is served makes no event.
    package func put(_ kind: ResourceKind, _ object: Node) {
        guard let form = forms[kind], let key = form.key(of: object) else { return }
        let bytes = form.bytes(of: object, key: key)
        if let old = stores[kind]?[key], old.isSame(as: bytes) { return }
        let new = form.object(object, key: key, bytes: bytes, version: versions.next())
        let old = stores[kind]?.put(new)
        note(kind, ObjectEvent(version: new.version, old: old ?? nil, new: new))
    }

    package func remove(_ kind: ResourceKind, _ key: ObjectKey) {
        guard let old = stores[kind]?.remove(key) else { return }
        note(kind, ObjectEvent(version: versions.next(), old: old, new: nil))
    }

    /// Everything there is of the kind has been put.
    package func setReady(_ kind: ResourceKind) {
        stores[kind]?.state = .ready
    }

    /// The API server does not serve the kind: what was known of it goes.
    package func setAbsent(_ kind: ResourceKind) {
        for object in stores[kind]?.objects ?? [] { remove(kind, object.key) }
        stores[kind]?.state = .absent
        onAbsent(kind)
    }

    private func note(_ kind: ResourceKind, _ event: ObjectEvent) {
        guard stores[kind]?.state == .ready else {
            // Nobody has been told anything yet that this would be a change of.
            stores[kind]?.history.forget(before: event.version)
            return
        }
        stores[kind]?.history.append(event)
        onEvent(kind, event)
    }

    // MARK: Reading

    /// The version of the last change of anything.
    var version: UInt64 { versions.current }

    /// Whether this cache has given the version.
    func isOwn(_ version: UInt64) -> Bool { versions.isOwn(version) }

    func state(_ kind: ResourceKind) -> KindStore.State { stores[kind]?.state ?? .absent }

    func object(_ kind: ResourceKind, _ key: ObjectKey) -> ServedObject? { stores[kind]?[key] }

    func objects(_ kind: ResourceKind, in namespace: String?) -> ArraySlice<ServedObject> {
        stores[kind]?.objects(in: namespace) ?? []
    }

    /// The changes of a kind after a version, in order; nil when they are not all known any more.
    func events(_ kind: ResourceKind, after version: UInt64) -> ArraySlice<ObjectEvent>? {
        stores[kind]?.history.events(after: version)
    }

    package var objectCount: Int { stores.values.reduce(0) { $0 + $1.objects.count } }
    package var bytes: Int { stores.values.reduce(0) { $0 + $1.objects.reduce(0) { $0 + $1.bytes.count } } }
    /// Every kind can be served, or is known not to exist.
    package var isReady: Bool { stores.values.allSatisfy { $0.state != .loading } }
}
