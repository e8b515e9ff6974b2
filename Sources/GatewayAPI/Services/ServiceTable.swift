/// Every Service of a cluster by its key, packed: a proxy holds all of them and looks at few. What is each one's own
/// stands as bytes, some fifty for each; what many have alike is kept once. A Service is made of that whenever it is
/// asked for.
///
/// A plain value; copies share storage. In the order of the keys.
package struct ServiceTable: Sendable {
    /// So many bytes of records that do not count any more, and so many shapes, are never worth packing anew.
    private static let tolerated = (bytes: 64 << 10, shapes: 256)

    /// Records one after another; those that have been replaced stay until all are packed anew.
    private var bytes: [UInt8] = []
    /// Where the records begin, in the order of their keys.
    private var starts: [Int] = []
    private var garbage = 0
    private var namespaces = Interner<String>()
    /// Services without what stands in their records.
    private var shapes = Interner<Service>()
    /// So many of them are worth packing anew, because some will not be in use.
    private var shapesTolerated = ServiceTable.tolerated.shapes

    package init() {}

    package var count: Int { starts.count }
    package var isEmpty: Bool { starts.isEmpty }
    /// What it holds, with what does not count any more: bytes of records, and Services that differ by more than their
    /// records.
    var storage: (bytes: Int, shapes: Int) { (bytes.count, shapes.count) }

    package subscript(key: ObjectKey) -> Service? {
        get {
            let (position, isThere) = position(of: key)
            return isThere ? service(position) : nil
        }
        set {
            let (position, isThere) = position(of: key)
            if isThere { garbage += record(position).length }
            switch (newValue, isThere) {
            case (let service?, true): starts[position] = append(service, key)
            case (let service?, false): starts.insert(append(service, key), at: position)
            case (nil, true): starts.remove(at: position)
            case (nil, false): return
            }
            if isThere { packIfWorthwhile() }
        }
    }

    /// In order.
    package var keys: some RandomAccessCollection<ObjectKey> { starts.indices.lazy.map { key($0) } }

    /// In the order of the keys.
    package var values: some RandomAccessCollection<Service> { starts.indices.lazy.map { service($0) } }

    /// The Services of a namespace that a pod with these labels is behind.
    package func keys(in namespace: String, selecting labels: [String: String]) -> Set<ObjectKey> {
        // No name is empty: this key is before all of the namespace's.
        var position = first { $0 >= ObjectKey(namespace: namespace, name: "") }
        var found: Set<ObjectKey> = []
        while position < count {
            var record = record(position)
            guard namespaces[record.namespace] == namespace else { break }
            if record.selects(labels) { found.insert(key(position)) }
            position += 1
        }
        return found
    }

    /// TCP ports of Services that may have a ClusterIP, by namespace; without making the Services.
    package var frontendPorts: [String: Int] {
        var byShape: [Int: Int] = [:]
        var byNamespace: [Int: Int] = [:]
        for position in starts.indices {
            let record = record(position)
            let ports = byShape[record.shape] ?? Self.frontendPorts(shapes[record.shape])
            byShape[record.shape] = ports
            byNamespace[record.namespace, default: 0] += ports
        }
        return byNamespace.reduce(into: [:]) { $0[namespaces[$1.key]] = $1.value }
    }

    private static func frontendPorts(_ shape: Service) -> Int {
        shape.isHeadless || shape.type == "ExternalName" ? 0 : shape.ports.count { $0.transport == "TCP" }
    }

    // MARK: Records

    private func record(_ position: Int) -> ServiceRecord { ServiceRecord(bytes, at: starts[position]) }

    private func key(_ position: Int) -> ObjectKey {
        let record = record(position)
        return ObjectKey(namespace: namespaces[record.namespace], name: record.name)
    }

    private func service(_ position: Int) -> Service {
        var record = record(position)
        var service = shapes[record.shape]
        service.metadata.key = ObjectKey(namespace: namespaces[record.namespace], name: record.name)
        record.read(into: &service)
        return service
    }

    /// Returns where its record begins.
    private mutating func append(_ service: Service, _ key: ObjectKey) -> Int {
        let start = bytes.count
        ServiceRecord.append(
            service, name: key.name, namespace: namespaces.number(of: key.namespace),
            shape: shapes.number(of: ServiceRecord.rest(of: service)), to: &bytes)
        return start
    }

    private mutating func packIfWorthwhile() {
        let isWasteful = garbage > max(Self.tolerated.bytes, bytes.count / 2)
        guard isWasteful || shapes.count > shapesTolerated else { return }
        var packed = ServiceTable()
        packed.bytes.reserveCapacity(bytes.count - garbage)
        packed.starts.reserveCapacity(count)
        for service in values { packed.starts.append(packed.append(service, service.metadata.key)) }
        packed.shapesTolerated = max(Self.tolerated.shapes, 2 * packed.shapes.count)
        self = packed
    }

    // MARK: Order

    private func position(of key: ObjectKey) -> (Int, isThere: Bool) {
        // A list of the API server comes in order.
        if let last = starts.indices.last, self.key(last) < key { return (count, false) }
        let position = first { $0 >= key }
        return (position, position < count && self.key(position) == key)
    }

    /// The first for which it is true: it is so for all behind that.
    private func first(_ isReached: (ObjectKey) -> Bool) -> Int {
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isReached(key(middle)) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
