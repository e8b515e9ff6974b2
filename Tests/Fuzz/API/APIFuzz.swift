internal import GatewayAPI

@testable internal import Kubernetes

/// Pure entries for fuzzing what an API server, or who stands in its place, may send besides JSON. Each takes any bytes
/// and returns the invariants that they broke: nothing, if all is well.
package enum APIFuzz {
    /// Small, so that a message that is too long is met often.
    private static let messageLimit = 300

    /// What a command in a pod writes, as a WebSocket server sends it.
    package static func webSocket(_ bytes: [UInt8]) -> [String] {
        let whole = messages(bytes, step: max(1, bytes.count))
        var broken = [1, 5, 64].filter { messages(bytes, step: $0) != whole }.map { "in steps of \($0) it is another" }
        if whole.messages.contains(where: { $0.count > messageLimit }) { broken.append("a message beyond the limit") }
        return broken
    }

    private struct Read: Equatable {
        var messages: [[UInt8]] = []
        var defect: WebSocketReader.Defect?
        var isClosed = false
    }

    private static func messages(_ bytes: [UInt8], step: Int) -> Read {
        var reader = WebSocketReader(limit: messageLimit)
        var read = Read()
        for start in stride(from: 0, to: bytes.count, by: step) {
            do throws(WebSocketReader.Defect) {
                try reader.feed(bytes[start..<min(bytes.count, start + step)]) { read.messages.append(Array($0)) }
            } catch {
                read.defect = error
                return read
            }
        }
        read.isClosed = reader.isClosed
        return read
    }

    /// A line of a watch.
    package static func watchLine(_ bytes: [UInt8]) -> [String] {
        let kind = APIKind(group: "", versions: ["v1"], plural: "services", kind: "Service")
        switch WatchLine(bytes[...], of: kind, version: "v1") {
        case .changed(let node, let key, _):
            return key.name.isEmpty || node["kind"] == nil ? ["an object without a name or kind"] : []
        case .removed(let key, _): return key.name.isEmpty ? ["nobody is removed"] : []
        case .error(let refusal): return (100..<600).contains(refusal.status) ? [] : ["status \(refusal.status)"]
        case .unreadable(let reason): return reason.isEmpty ? ["a refusal without words"] : []
        case .bookmark: return []
        }
    }

    /// The address of an API server.
    package static func serverURL(_ bytes: [UInt8]) -> [String] {
        guard let url = ServerURL(String(decoding: bytes, as: UTF8.self)) else { return [] }
        guard ServerURL(url.description) == url else { return ["writing and reading changes \(url)"] }
        return url.host.isEmpty || url.port == 0 ? ["an address without a host or port"] : []
    }
}
