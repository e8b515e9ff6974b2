package import GatewayAPI

/// One event of a watch's stream.
enum WatchLine {
    case changed(Node, ObjectKey, version: String)
    case removed(ObjectKey, version: String)
    /// Nothing has changed up to this version.
    /// - endsList: everything that was there has been told (annotation `k8s.io/initial-events-end`).
    case bookmark(version: String, endsList: Bool)
    case error(Refusal)
    case unreadable(String)

    private static let longestMessage = 300
    /// Who wrote which field: often most of an object's text, and nothing that a watcher needs.
    static let bookkeeping = "managedFields"

    /// - Parameter leftOut: members that are not read, as `bookkeeping`; nil for none.
    init(_ line: ArraySlice<UInt8>, of kind: APIKind, version: String, leavingOut leftOut: String? = bookkeeping) {
        do throws(JSONError) {
            self = Self.event(try JSONReader.node(line, leavingOut: leftOut), kind, version)
        } catch {
            self = .unreadable("an event of \(line.count) bytes \(error)")
        }
    }

    private static func event(_ event: Node, _ kind: APIKind, _ version: String) -> WatchLine {
        guard let type = event["type"]?.stringValue, let object = event["object"] else {
            return .unreadable("an event has no type or no object")
        }
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            guard let key = object.objectKey else { return .unreadable("an event's object has no name") }
            let at = object.resourceVersion
            return type == "DELETED"
                ? .removed(key, version: at) : .changed(object.completed(kind, version), key, version: at)
        case "BOOKMARK":
            let mark = object["metadata"]?["annotations"]?["k8s.io/initial-events-end"]?.stringValue
            return .bookmark(version: object.resourceVersion, endsList: mark == "true")
        case "ERROR": return .error(refusal(object, status: 500))
        default: return .unreadable("an event is of the unknown type \(type.prefix(20))")
        }
    }

    /// What a `Status` object says.
    static func refusal(_ status: Node?, status fallback: Int, retryAfter: UInt64? = nil) -> Refusal {
        let code = status?["code"]?.integerValue.flatMap(Int.init(exactly:))
        return Refusal(
            status: code.map { (100..<600).contains($0) ? $0 : fallback } ?? fallback,
            message: String((status?["message"]?.stringValue ?? "").prefix(longestMessage)), retryAfter: retryAfter)
    }

    /// A resource version as the number that it is on all servers there are; 0 when it is none, and then compares with
    /// nothing.
    static func number(_ resourceVersion: String) -> UInt64 {
        guard let number = UInt64(resourceVersion), number < 1 << 62 else { return 0 }
        return number
    }
}

extension Node {
    /// The object's namespace and name; nil without a name.
    package var objectKey: ObjectKey? {
        guard let metadata = self["metadata"], let name = metadata["name"]?.stringValue, !name.isEmpty else {
            return nil
        }
        return ObjectKey(namespace: metadata["namespace"]?.stringValue ?? "", name: name)
    }

    /// Empty when there is none.
    package var resourceVersion: String { self["metadata"]?["resourceVersion"]?.stringValue ?? "" }

    /// With `apiVersion` and `kind`, which the items of a list leave to the list.
    func completed(_ kind: APIKind, _ version: String) -> Node {
        guard self["kind"] == nil || self["apiVersion"] == nil else { return self }
        var node = self
        node.set("apiVersion", .string(kind.apiVersion(version)))
        node.set("kind", .string(kind.kind))
        return node
    }
}
