import Foundation

/// What can go wrong.
extension APIServer {
    /// Lets requests fail. The number takes the fault away again.
    @discardableResult
    package func inject(_ fault: Fault) -> Int { state.change { $0.faults.add(fault) } }

    package func remove(fault number: Int) { state.change { $0.faults.remove(number) } }

    package func removeFaults() { state.change { $0.faults.removeAll() } }

    /// Milliseconds that each page of a list takes from now on.
    package func setPageDelay(_ milliseconds: Int) { state.change { $0.pageDelay = milliseconds } }

    /// Breaks the connections of watches, now or, so that half an event arrives, when the next event comes.
    package func cutWatches(of resource: String? = nil, inNextEvent: Bool = false) {
        tellWatchers(of: resource, .cut(inNextEvent: inNextEvent))
    }

    /// Ends watches in order, as when their time is over.
    package func endWatches(of resource: String? = nil) { tellWatchers(of: resource, .end) }

    /// Tells watches that they are too late (an ERROR event with 410), and forgets the history.
    package func expireWatches(of resource: String? = nil) {
        compact()
        tellWatchers(of: resource, .failure(.expired("too old resource version")))
    }

    /// Forgets the history: watches that resume from before, and lists under way, get 410.
    package func compact() {
        state.change { state in
            state.pages.expire()
            // Versions from before this moment are all too old, the newest included.
            state.store.skipVersions(1)
            let version = state.store.resourceVersion
            for resource in state.store.order { state.store.collections[resource]?.compact(to: version) }
        }
    }

    /// Lets the pages of lists under way expire, and nothing else.
    package func expirePages() { state.change { $0.pages.expire() } }

    /// Sends a bookmark to the watches that allow them.
    package func sendBookmarks(of resource: String? = nil) {
        tellWatchers(of: resource, .bookmark(resourceVersion, isInitial: false))
    }

    /// Milliseconds between the bookmarks of watches that begin from now on.
    package func setBookmarkInterval(_ milliseconds: Int) { state.change { $0.bookmarkInterval = milliseconds } }

    /// The next events of the watches under way come twice.
    package func repeatEvents(of resource: String, count: Int = 1) {
        mangle(resource) { $0.repeats += count }
    }

    /// The next pairs of events of the watches under way come in the wrong order.
    package func swapEvents(of resource: String, count: Int = 1) { mangle(resource) { $0.swaps += count } }

    /// Which versions of a kind are served from now on; none: its CRD is gone, and its watches end.
    package func serve(_ resource: String, versions: [String]) {
        state.change { state in
            guard let name = state.store.kind(resource)?.resource else { return }
            state.store.collections[name]?.kind.versions = versions
        }
        endWatches(of: resource)
    }

    /// Whether watches can begin with the list, as newer servers allow.
    package func setStreamsLists(_ streams: Bool) {
        state.change { $0.profile.streamedLists = streams ? .served : .invalid }
    }

    /// Whether lists come in pages; without, `limit` counts for nothing, as on servers behind an aggregated API.
    package func setPages(_ pages: Bool) { state.change { $0.profile.hasPages = pages } }

    /// How the server speaks from now on. Objects are stored before, in the versions that are served then.
    package func use(_ profile: ServerProfile) {
        state.change { $0.profile = profile }
        for (resource, versions) in profile.versions { serve(resource, versions: versions) }
    }

    /// Lists of a kind say this from now on, and nothing of what is stored.
    package func generate(_ resource: String, _ list: GeneratedList) {
        state.change { state in
            guard let name = state.store.kind(resource)?.resource else { return }
            state.generated[name] = list
        }
    }

    /// Who is allowed in from now on; nil lets everybody in.
    package func setTokens(_ tokens: [String: TokenUser]?) { state.change { $0.tokens = tokens } }

    /// How token reviews are answered, besides the tokens that are allowed in.
    package func setReviewedTokens(_ tokens: [String: TokenUser]) { state.change { $0.reviewedTokens = tokens } }

    /// One more.
    package func reviewToken(_ token: String, as user: TokenUser) { state.change { $0.reviewedTokens[token] = user } }

    private func tellWatchers(of resource: String?, _ item: Watcher.Item) {
        withWatchers(of: resource) { $0.append(item) }
    }

    private func mangle(_ resource: String, _ change: (inout EventMangling) -> Void) {
        withWatchers(of: resource) { change(&$0.mangling) }
    }

    private func withWatchers(of resource: String?, _ body: (Watcher) -> Void) {
        state.change { state in
            let name = resource.map { state.store.kind($0)?.resource ?? $0 }
            for watcher in state.store.watchers.values where name == nil || watcher.resource == name { body(watcher) }
        }
    }
}
