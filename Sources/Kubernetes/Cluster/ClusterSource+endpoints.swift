internal import GatewayAPI
internal import Reactor

/// EndpointSlices, of those Services that are asked for.
extension ClusterSource {
    /// Begins the watches that there should be and are not. Those that should not be stay until others have taken over.
    func reconcileEndpoints() {
        guard let loop else { return }
        wantedSliceWatches = interest.watches()
        for wanted in wantedSliceWatches where sliceWatches[wanted] == nil {
            sliceWatches[wanted] = watch(wanted, on: loop)
        }
        retireSliceWatches()
    }

    private func watch(_ interest: EndpointInterest.Watch, on loop: EventLoop) -> ResourceWatch {
        begin(ResourceKind.endpointSlice.api, interest.scope, label: Self.label(interest), on: loop) {
            [weak self] event in self?.take(event, from: interest)
        }
    }

    private func take(_ event: WatchEvent, from watch: EndpointInterest.Watch) {
        switch event {
        case .changed(let slice):
            if !isOutdated(watch, slice) { store.put(slice, as: .endpointSlice) }
        case .removed(let key):
            // Another that has it will say so itself, or has a newer one of that name.
            let isKnown = sliceWatches.contains { $0.key != watch && $0.value.knows(key) }
            if !isKnown { store.remove(ResourceID(kind: .endpointSlice, key: key)) }
        case .synced, .absent:
            store.noteEndpoints(of: interest.services.filter(watch.covers))
            if case .absent = event { store.removeAll(of: .endpointSlice) }
            retireSliceWatches()
        case .interrupted: break
        }
    }

    /// A watch that is about to go may be behind the one that has taken over.
    private func isOutdated(_ watch: EndpointInterest.Watch, _ slice: Node) -> Bool {
        guard !wantedSliceWatches.contains(watch), let key = slice.objectKey else { return false }
        return wantedSliceWatches.contains { sliceWatches[$0]?.knows(key) ?? false }
    }

    /// Ends watches that are not wanted, once whatever they are still good for is read by others.
    private func retireSliceWatches() {
        let services = interest.services
        for (old, watch) in sliceWatches where !wantedSliceWatches.contains(old) {
            let awaited = wantedSliceWatches.contains { wanted in
                guard sliceWatches[wanted]?.isSettled != true else { return false }
                return services.contains { old.covers($0) && wanted.covers($0) }
            }
            if !awaited { drop(old, watch) }
        }
    }

    private func drop(_ old: EndpointInterest.Watch, _ watch: ResourceWatch) {
        watch.stop()
        sliceWatches[old] = nil
        forgetTrouble(Self.label(old))
        var affected: Set<ObjectKey> = []
        for (slice, service) in store.slices(old.covers) where !sliceWatches.values.contains(where: { $0.knows(slice) })
        {
            store.remove(ResourceID(kind: .endpointSlice, key: slice))
            affected.insert(service)
        }
        if case .service(let service) = old { affected.insert(service) }
        let coverage = coverage
        store.noteEndpoints(of: affected.filter { !coverage.covers($0) })
        schedule(after: ClusterLimits.changeWindow)
    }

    func expireIdle() {
        guard isLazy, let loop else { return }
        loop.after(ClusterLimits.idleInterval) { [weak self] in
            guard let self else { return }
            // What was read stays in use while it could not be read again.
            if isHealthy {
                interest.expire(now: Clock.now())
                reconcileEndpoints()
            }
            expireIdle()
        }
    }

    static func label(_ watch: EndpointInterest.Watch) -> String {
        switch watch {
        case .service(let key): "EndpointSlices of Service \(key)"
        case .namespace(let name): "EndpointSlices in namespace \(name)"
        case .cluster: "EndpointSlices"
        }
    }
}
