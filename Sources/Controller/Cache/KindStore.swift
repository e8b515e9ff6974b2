internal import GatewayAPI

/// The objects of one kind, in the order of their keys, which is the one that API servers list in.
struct KindStore {
    enum State {
        /// Not everything there is has been seen yet.
        case loading
        case ready
        /// The API server does not serve the kind.
        case absent
    }

    var state = State.loading
    private(set) var objects: [ServedObject] = []
    var history: EventHistory

    init(floor: UInt64, maximumEvents: Int) {
        history = EventHistory(floor: floor, maximumEvents: maximumEvents)
    }

    subscript(key: ObjectKey) -> ServedObject? {
        let position = position(of: key)
        return position < objects.count && objects[position].key == key ? objects[position] : nil
    }

    /// Where the object is, or would be.
    func position(of key: ObjectKey) -> Int {
        // A list comes in order: mostly the next one belongs at the end.
        if let last = objects.last, last.key < key { return objects.count }
        var low = 0
        var high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts the object in its place and returns the one that was there.
    mutating func put(_ object: ServedObject) -> ServedObject? {
        let position = position(of: object.key)
        guard position < objects.count, objects[position].key == object.key else {
            objects.insert(object, at: position)
            return nil
        }
        let old = objects[position]
        objects[position] = object
        return old
    }

    mutating func remove(_ key: ObjectKey) -> ServedObject? {
        let position = position(of: key)
        guard position < objects.count, objects[position].key == key else { return nil }
        return objects.remove(at: position)
    }

    /// The objects of a namespace, or all.
    func objects(in namespace: String?) -> ArraySlice<ServedObject> {
        guard let namespace else { return objects[...] }
        // In the order of the text `namespace/name` nothing else lies between `shop/` and `shop0/`, as 0 comes right
        // after the slash.
        let start = position(of: ObjectKey(namespace: namespace, name: ""))
        let end = position(of: ObjectKey(namespace: namespace + "0", name: ""))
        return objects[start..<end]
    }
}
