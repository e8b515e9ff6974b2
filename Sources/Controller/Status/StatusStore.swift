package import GatewayAPI
internal import Kubernetes

/// The statuses of objects as they stand at the API server, kept as text: a tree of nodes takes ten times the room.
package struct StatusStore {
    package struct Entry: Sendable {
        /// As `v1`: the version under which the object was read, and under which its status is written.
        package var version: String
        package var resourceVersion: String
        package var generation: Int64
        package var isBeingDeleted: Bool
        /// JSON of `status`; empty when there is none.
        package var status: [UInt8]
    }

    private var entries: [ResourceID: Entry] = [:]

    package init() {}

    package var count: Int { entries.count }
    package var ids: some Collection<ResourceID> { entries.keys }
    package subscript(id: ResourceID) -> Entry? { entries[id] }

    /// Takes in an object as the server told of it, by a watch or in its answer to a write. False when that is nothing
    /// new: the same state, or an older one, as when our write's answer was faster than the watch.
    package mutating func update(_ id: ResourceID, _ object: Node) -> Bool {
        let metadata = object["metadata"]
        let resourceVersion = metadata?["resourceVersion"]?.stringValue ?? ""
        if let known = entries[id], !Self.isNews(resourceVersion, after: known.resourceVersion) { return false }
        let apiVersion = object["apiVersion"]?.stringValue ?? ""
        let version = String(apiVersion.split(separator: "/").last ?? "v1")
        entries[id] = Entry(
            version: version, resourceVersion: resourceVersion,
            generation: metadata?["generation"]?.integerValue ?? 0,
            isBeingDeleted: metadata?["deletionTimestamp"]?.stringValue != nil, status: object["status"]?.json ?? [])
        return true
    }

    package mutating func remove(_ id: ResourceID) {
        entries[id] = nil
    }

    /// Resource versions are decimal numbers that grow; of others only equality can be told.
    private static func isNews(_ a: String, after b: String) -> Bool {
        guard let new = UInt64(a), let old = UInt64(b) else { return a != b || a.isEmpty }
        return new > old
    }
}

extension StatusStore.Entry {
    /// An empty mapping when there is none.
    var statusNode: Node {
        guard !status.isEmpty, let node = try? JSONReader.node(status) else { return .mapping([:]) }
        return node
    }
}
