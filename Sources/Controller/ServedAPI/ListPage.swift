internal import ControlHTTP
internal import GatewayAPI
internal import Kubernetes

/// A page of a list: which objects, and how it is sent, from where they are.
struct ListPage {
    private static let comma = Array(",".utf8)[...]
    private static let end = Array("]}\n".utf8)[...]

    private let kind: ServedKind
    private let objects: ArraySlice<ServedObject>
    private let version: UInt64
    private let continuation: String?
    private var next: Int
    private var isBegun = false

    /// - Parameters:
    ///   - candidates: the objects that come into question, in order.
    ///   - limit: objects at most; 0 for no limit.
    init(
        _ kind: ServedKind, _ candidates: ArraySlice<ServedObject>, scope: ObjectScope, version: UInt64, limit: Int
    ) {
        self.kind = kind
        self.version = version
        let found = scope.isEverything ? candidates : candidates.filter(scope.matches)[...]
        let isPart = limit > 0 && found.count > limit
        objects = isPart ? found.prefix(limit) : found
        continuation = isPart ? objects.last.map { ListContinuation(version: version, key: $0.key).text } : nil
        next = objects.startIndex
    }

    /// The next pieces to send, some `bytes` of them; empty when everything is.
    mutating func batch(bytes: Int) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var size = 0
        if !isBegun {
            isBegun = true
            pieces.append(head)
            if objects.isEmpty { pieces.append(ListPage.end) }
        }
        while next < objects.endIndex, size < bytes {
            if next > objects.startIndex { pieces.append(ListPage.comma) }
            pieces.append(objects[next].bytes[...])
            size += objects[next].bytes.count
            next += 1
            if next == objects.endIndex { pieces.append(ListPage.end) }
        }
        return pieces
    }

    var isFinished: Bool { isBegun && next == objects.endIndex }

    private var head: ArraySlice<UInt8> {
        var metadata: Node = .mapping(["resourceVersion": .string(String(version))])
        if let continuation { metadata.set("continue", .string(continuation)) }
        let text =
            "{\"kind\":\"\(kind.api.kind)List\",\"apiVersion\":\"\(kind.apiVersion)\",\"metadata\":\(metadata.jsonText),\"items\":["
        return Array(text.utf8)[...]
    }
}
