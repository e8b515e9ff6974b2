import Foundation
import GatewayAPI
import Glibc
import Kubernetes

/// Sends one watch's events until its time is over, the client leaves, or a fault ends it.
struct WatchStream {
    /// Seconds; a real server takes a random time between half an hour and an hour.
    static let defaultTimeout: Double = 1800

    let watcher: Watcher
    let number: Int
    let apiVersion: String
    let kind: String
    let end: Date
    let allowsBookmarks: Bool

    private enum Fate {
        case goesOn
        /// The connection can serve another request.
        case ended
        case broken
    }

    /// False when the connection ends with the watch.
    func run(on stream: any ByteStream, _ state: Monitor<ServerState>) -> Bool {
        defer { state.change { $0.store.watchers[number] = nil } }
        guard stream.write(HTTPResponse.streamHead.utf8) else { return false }
        var nextBookmark = Date(timeIntervalSinceNow: Double(state.read { $0.bookmarkInterval }) / 1000)
        var isCutInNextEvent = false
        while true {
            let (items, version) = state.read { (watcher.take(), $0.store.resourceVersion) }
            for item in items {
                switch send(item, on: stream, &isCutInNextEvent) {
                case .goesOn: continue
                case .ended: return stream.write(HTTPResponse.lastChunk)
                case .broken: return false
                }
            }
            let now = Date()
            if allowsBookmarks, items.isEmpty, now >= min(nextBookmark, end) {
                guard stream.write(bookmark(version, isInitial: false)) else { return false }
                nextBookmark = now.addingTimeInterval(Double(state.read { $0.bookmarkInterval }) / 1000)
            }
            if now >= end { return stream.write(HTTPResponse.lastChunk) }
            guard wait(until: min(nextBookmark, end), stream) else { return false }
        }
    }

    /// For an item of the watch, for the time, or for the client to leave (false).
    private func wait(until date: Date, _ stream: any ByteStream) -> Bool {
        var polled = [pollfd(descriptor: watcher.wake.descriptor), pollfd(descriptor: stream.descriptor)]
        let milliseconds = Int32(max(0, min(date.timeIntervalSinceNow * 1000 + 1, 3_600_000)))
        guard poll(&polled, 2, milliseconds) > 0 else { return true }
        watcher.wake.drain()
        return polled[1].revents == 0 || stream.read() != nil
    }

    private func send(_ item: Watcher.Item, on stream: any ByteStream, _ isCutInNextEvent: inout Bool) -> Fate {
        switch item {
        case .event(let type, let object):
            let chunk = HTTPResponse.chunk(event(type, object.json(apiVersion: apiVersion)))
            if isCutInNextEvent {
                _ = stream.write(chunk.prefix(chunk.count / 2))
                return .broken
            }
            return stream.write(chunk) ? .goesOn : .broken
        case .bookmark(let version, let isInitial):
            guard allowsBookmarks else { return .goesOn }
            return stream.write(bookmark(version, isInitial: isInitial)) ? .goesOn : .broken
        case .failure(let problem):
            return stream.write(HTTPResponse.chunk(event("ERROR", problem.node.json))) ? .ended : .broken
        case .cut(let inNextEvent):
            if !inNextEvent { return .broken }
            isCutInNextEvent = true
            return .goesOn
        case .end: return .ended
        }
    }

    private func event(_ type: String, _ object: [UInt8]) -> [UInt8] {
        Array("{\"type\":\"\(type)\",\"object\":".utf8) + object + Array("}\n".utf8)
    }

    private func bookmark(_ version: Int64, isInitial: Bool) -> [UInt8] {
        var metadata: Node = .mapping(["resourceVersion": .string("\(version)"), "creationTimestamp": Node(.null)])
        if isInitial { metadata.set("annotations", .mapping(["k8s.io/initial-events-end": "true"])) }
        let object: Node = .mapping([
            "kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": metadata,
        ])
        return HTTPResponse.chunk(event("BOOKMARK", object.json))
    }
}
