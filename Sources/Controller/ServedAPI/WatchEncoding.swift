internal import ControlHTTP
internal import GatewayAPI
internal import Kubernetes

/// How a watch says things: one JSON object a line.
enum WatchEncoding {
    private static let added = Array("{\"type\":\"ADDED\",\"object\":".utf8)[...]
    private static let modified = Array("{\"type\":\"MODIFIED\",\"object\":".utf8)[...]
    private static let deleted = Array("{\"type\":\"DELETED\",\"object\":".utf8)[...]
    private static let end = Array("}\n".utf8)[...]

    /// What an event is to those who watch a scope.
    enum Sight {
        case added, modified, deleted
    }

    /// nil: nothing that they can see has changed.
    static func sight(of event: ObjectEvent, in scope: ObjectScope) -> Sight? {
        let before = event.old.map(scope.matches) ?? false
        let after = event.new.map(scope.matches) ?? false
        switch (before, after) {
        case (false, true): return .added
        case (true, true): return .modified
        case (true, false): return .deleted
        case (false, false): return nil
        }
    }

    /// An event's line, in pieces that refer to the object where it is.
    static func pieces(_ event: ObjectEvent, _ sight: Sight) -> [ArraySlice<UInt8>] {
        switch sight {
        case .added: return event.new.map { [added, $0.bytes[...], end] } ?? []
        case .modified: return event.new.map { [modified, $0.bytes[...], end] } ?? []
        // The object as it was, with the version of its going.
        case .deleted: return event.old.map { [deleted, $0.bytes(version: event.version)[...], end] } ?? []
        }
    }

    /// An object that was there when the watch began.
    static func pieces(_ object: ServedObject) -> [ArraySlice<UInt8>] { [added, object.bytes[...], end] }

    /// The same as one chunk, for many.
    static func chunk(_ event: ObjectEvent, _ sight: Sight) -> HTTPChunk {
        HTTPChunk(Array(pieces(event, sight).joined()))
    }

    /// Nothing has changed up to a version.
    /// - Parameter endsInitialEvents: everything that was there at the watch's beginning has been sent.
    static func bookmark(_ kind: ServedKind, version: UInt64, endsInitialEvents: Bool = false) -> HTTPChunk {
        var metadata: Node = .mapping(["resourceVersion": .string(String(version))])
        if endsInitialEvents { metadata.set("annotations", .strings(["k8s.io/initial-events-end": "true"])) }
        return line(
            "BOOKMARK",
            .mapping(["kind": .string(kind.api.kind), "apiVersion": .string(kind.apiVersion), "metadata": metadata]))
    }

    static func error(_ status: StatusAnswer) -> HTTPChunk { line("ERROR", status.node) }

    private static func line(_ type: String, _ object: Node) -> HTTPChunk {
        HTTPChunk(Node.mapping(["type": .string(type), "object": object]).json + [UInt8(ascii: "\n")])
    }
}
