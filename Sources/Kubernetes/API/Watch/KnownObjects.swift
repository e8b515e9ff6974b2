internal import GatewayAPI

/// Which objects a watch has told of, so that it can tell what a new list misses, and what is no news.
///
/// Kept by namespace and then name: a namespace's name is stored once. That is some 40 bytes for each object, and the
/// characters of a name that is longer than 15 bytes, which are shared with whoever keeps it as a string.
struct KnownObjects {
    private struct Entry {
        /// The resource version as a number, 0 when it is none; shifted by one, and the lowest bit says that the
        /// current list has it.
        var word: UInt64

        init(version: UInt64, isListed: Bool) { word = version << 1 | (isListed ? 1 : 0) }
        var version: UInt64 { word >> 1 }
        var isListed: Bool { word & 1 == 1 }
    }

    private var objects: [String: [String: Entry]] = [:]
    /// The last removals in a ring, and with which version.
    private var removals: [(key: ObjectKey, version: UInt64)] = []
    private var oldestRemoval = 0

    var count: Int { objects.values.reduce(0) { $0 + $1.count } }

    func contains(_ key: ObjectKey) -> Bool { objects[key.namespace]?[key.name] != nil }

    /// A list begins: what it does not name is gone at its end.
    mutating func beginList() {
        removals = []
        oldestRemoval = 0
        for namespace in objects.keys {
            objects[namespace] = objects[namespace]?.mapValues { Entry(version: $0.version, isListed: false) }
        }
    }

    /// What is listed from now on is news, in whichever version.
    mutating func forgetVersions() {
        for namespace in objects.keys {
            objects[namespace] = objects[namespace]?.mapValues { Entry(version: 0, isListed: $0.isListed) }
        }
    }

    /// An object of a list; false when it is known in that very version.
    mutating func list(_ key: ObjectKey, version: UInt64) -> Bool {
        let old = objects[key.namespace]?[key.name]
        objects[key.namespace, default: [:]][key.name] = Entry(version: version, isListed: true)
        return old == nil || version == 0 || old?.version != version
    }

    /// The list is complete: forgets and returns what it did not have, in order.
    mutating func endList() -> [ObjectKey] {
        var gone: [ObjectKey] = []
        for (namespace, names) in objects {
            let missing = names.filter { !$0.value.isListed }
            guard !missing.isEmpty else { continue }
            gone += missing.keys.map { ObjectKey(namespace: namespace, name: $0) }
            let rest = names.filter { $0.value.isListed }
            objects[namespace] = rest.isEmpty ? nil : rest
        }
        return gone.sorted()
    }

    /// An object was added or changed; false when this is known already, or newer than it.
    mutating func change(_ key: ObjectKey, version: UInt64) -> Bool {
        if let old = objects[key.namespace]?[key.name], version != 0, version <= old.version { return false }
        if version != 0, removals.contains(where: { $0.version >= version && $0.key == key }) { return false }
        objects[key.namespace, default: [:]][key.name] = Entry(version: version, isListed: true)
        return true
    }

    /// An object was removed; false when it is not known, or is a newer one of that name.
    mutating func remove(_ key: ObjectKey, version: UInt64) -> Bool {
        guard let old = objects[key.namespace]?[key.name], version == 0 || version >= old.version else { return false }
        objects[key.namespace]?[key.name] = nil
        if objects[key.namespace]?.isEmpty == true { objects[key.namespace] = nil }
        remember(key, version: version)
        return true
    }

    mutating func removeAll() {
        self = KnownObjects()
    }

    private mutating func remember(_ key: ObjectKey, version: UInt64) {
        guard version != 0 else { return }
        if removals.count < WatchLimits.rememberedRemovals {
            removals.append((key, version))
        } else {
            removals[oldestRemoval] = (key, version)
            oldestRemoval = (oldestRemoval + 1) % removals.count
        }
    }
}
