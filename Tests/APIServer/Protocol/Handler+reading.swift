import Foundation
import GatewayAPI

extension Handler {
    func list(_ target: Target) throws(APIStatus) -> HTTPResponse {
        let selector = try selector(target)
        let (hasPages, generated) = state.read { ($0.profile.hasPages, $0.generated[target.kind.resource]) }
        let limit = hasPages ? request.parameter("limit").flatMap { Int($0) } : nil
        let wanted = try version("resourceVersion")
        let delay = state.read { $0.pageDelay }
        if delay > 0 {
            _ = state.wait(until: Date(timeIntervalSinceNow: Double(delay) / 1000)) { $0.isStopping }
        }
        if let generated {
            let start = request.parameter("continue").flatMap { Int($0) } ?? 0
            let version = state.read { $0.store.resourceVersion }
            let body = generated.page(after: start, limit: limit) { continuation, remaining in
                Self.head(target, resourceVersion: version, continuation, remaining: remaining)
            }
            return HTTPResponse(status: 200, body: body)
        }
        let page = try state.change { state throws(APIStatus) -> ListPages.Page in
            if let token = request.parameter("continue"), !token.isEmpty {
                return try state.pages.more(token, limit: limit)
            }
            let current = state.store.resourceVersion
            if wanted > current { throw .tooLargeVersion(wanted, current: current) }
            let objects = state.store.collections[target.kind.resource]?.sorted() ?? []
            return state.pages.first(objects.filter(selector.matches), resourceVersion: current, limit: limit)
        }
        return HTTPResponse(status: 200, body: Self.json(page, target, showsRemaining: selector.isEverything))
    }

    /// Up to the items.
    private static func head(
        _ target: Target, resourceVersion: Int64, _ continuation: String?, remaining: Int?
    ) -> String {
        var metadata = "\"resourceVersion\":\"\(resourceVersion)\""
        if let continuation {
            metadata += ",\"continue\":\"\(continuation)\""
            if let remaining { metadata += ",\"remainingItemCount\":\(remaining)" }
        }
        return
            "{\"kind\":\"\(target.kind.kind)List\",\"apiVersion\":\"\(target.apiVersion)\",\"metadata\":{\(metadata)},\"items\":["
    }

    private static func json(_ page: ListPages.Page, _ target: Target, showsRemaining: Bool) -> [UInt8] {
        let head = head(
            target, resourceVersion: page.resourceVersion, page.continuation,
            remaining: showsRemaining ? page.remaining : nil)
        var body = Array(head.utf8)
        for (position, object) in page.objects.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body += object.json(apiVersion: target.apiVersion)
        }
        body += "]}".utf8
        return body
    }

    /// A version parameter; 0 when it is absent, "0" or empty.
    private func version(_ name: String) throws(APIStatus) -> Int64 {
        guard let text = request.parameter(name), !text.isEmpty else { return 0 }
        guard let version = Int64(text), version >= 0 else {
            throw .badRequest("Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
        }
        return version
    }

    func watch(_ target: Target) throws(APIStatus) -> Outcome {
        let selector = try selector(target)
        let from = try version("resourceVersion")
        let profile = state.read { $0.profile }
        let streamsList = try streamsList(profile)
        if streamsList, request.parameter("resourceVersionMatch") != "NotOlderThan" {
            throw Self.invalidOptions(
                "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            )
        }
        let allowsBookmarks = request.flag("allowWatchBookmarks") && profile.hasBookmarks
        guard let watcher = Watcher(resource: target.kind.resource, selector: selector) else {
            throw APIStatus(code: 500, reason: "InternalError", message: "no descriptors for a watch")
        }
        let number = try state.change { state throws(APIStatus) -> Int in
            if profile.expiry == .status, !streamsList, from > 0,
                let compacted = state.store.collections[target.kind.resource]?.compacted, from < compacted
            {
                throw .expired("too old resource version: \(from) (\(compacted))")
            }
            state.store.begin(
                watcher, selector, from: from, isWhole: from == 0 || streamsList, marksEnd: allowsBookmarks)
            let number = state.number()
            state.store.watchers[number] = watcher
            return number
        }
        let asked = request.parameter("timeoutSeconds").flatMap { Double($0) } ?? WatchStream.defaultTimeout
        let seconds = min(asked, profile.longestWatch ?? asked)
        return .watch(
            WatchStream(
                watcher: watcher, number: number, apiVersion: target.apiVersion, kind: target.kind.kind,
                end: Date(timeIntervalSinceNow: seconds), allowsBookmarks: allowsBookmarks))
    }

    /// Whether a watch is to begin with the list.
    private func streamsList(_ profile: ServerProfile) throws(APIStatus) -> Bool {
        guard request.flag("sendInitialEvents") else { return false }
        switch profile.streamedLists {
        case .served: return true
        case .ignored: return false
        case .badRequest: throw .badRequest("sendInitialEvents is not supported")
        case .invalid:
            throw Self.invalidOptions(
                "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature "
                    + "gate is enabled")
        }
    }

    private static func invalidOptions(_ why: String) -> APIStatus {
        APIStatus(code: 422, reason: "Invalid", message: "ListOptions.meta.k8s.io \"\" is invalid: \(why)")
    }
}

extension Store {
    /// What a new watch is told at once: every object when it names no version or asks for the list, else what it
    /// missed.
    ///
    /// - Parameter marksEnd: a bookmark says where every object has been told.
    fileprivate mutating func begin(
        _ watcher: Watcher, _ selector: Selector, from version: Int64, isWhole: Bool, marksEnd: Bool
    ) {
        guard let collection = collections[watcher.resource] else { return }
        if version > resourceVersion {
            watcher.skip(to: version)
        } else if isWhole {
            for object in collections[watcher.resource]?.sorted() ?? [] where selector.matches(object) {
                watcher.append(.event(type: "ADDED", object))
            }
            if marksEnd { watcher.append(.bookmark(resourceVersion, isInitial: true)) }
        } else if version < collection.compacted {
            watcher.append(.failure(.expired("too old resource version: \(version) (\(collection.compacted))")))
        } else {
            for event in collection.events(after: version) { watcher.tell(event) }
        }
    }
}
