package import GatewayAPI

/// The listeners of one Gateway on one port.
struct ListenerGroup: BitwiseCopyable {
    var port: UInt16
    var isTLS: Bool
    var space: Int32
}

/// What the Host of a request means for the listener that its connection's SNI chose (Gateway API, "HTTPS listeners").
package enum HostVerdict: UInt8, Sendable, BitwiseCopyable {
    /// The listener's own routes decide.
    case own
    /// The name belongs to another listener, which may have other certificates: 421, the client opens a new connection.
    case misdirected
    /// No listener of the port takes the name: 404.
    case unknown
}

extension RouteTable {
    /// The listeners on `port`; with several Gateways in the plan, those of the first.
    package func listenerGroup(_ port: UInt16) -> Int32 {
        for index in 0..<Int32(listenerGroups.count) where listenerGroups[index].port == port { return index }
        return -1
    }

    /// For plans of more than one Gateway. Not for a request's path.
    package func listenerGroup(_ port: UInt16, of gateway: ObjectKey) -> Int32 {
        for index in 0..<Int32(listenerGroups.count)
        where listenerGroups[index].port == port && groupOwners[Int(index)] == gateway { return index }
        return -1
    }

    /// The ports on which a usable listener exists, one entry for each group.
    package var listenerPorts: [UInt16] {
        (0..<Int32(listenerGroups.count)).map { listenerGroups[$0].port }
    }

    /// The most specific listener for `host` (without port): precise hostname, else the longest wildcard, else the one
    /// without hostname. It hides less specific listeners even where none of its rules match (listener isolation).
    package func frontend(_ group: Int32, host: UnsafeRawBufferPointer) -> Int32 {
        guard listenerGroups.contains(group) else { return -1 }
        let found = mostSpecificHost(space: listenerGroups[group].space, host: host)
        return found < 0 ? -1 : hosts[found].target
    }

    /// Whether the listeners of a group end TLS.
    package func isTLS(_ group: Int32) -> Bool {
        listenerGroups.contains(group) && listenerGroups[group].isTLS
    }

    /// The listener whose hostname an SNI (empty when the client sent none) matches best; -1 when there is none: such a
    /// connection is refused.
    package func frontend(_ group: Int32, serverName: UnsafeRawBufferPointer) -> Int32 {
        frontend(group, host: serverName)
    }

    /// Whether `listener`, which the connection's SNI chose, may answer for `host`. Only the most specific listener for
    /// a name answers for it, so a wildcard's connection cannot be used for a name that another listener has to itself.
    package func verdict(_ group: Int32, listener: Int32, host: UnsafeRawBufferPointer) -> HostVerdict {
        let rightful = frontend(group, host: host)
        if rightful < 0 { return .unknown }
        return rightful == listener ? .own : .misdirected
    }

    /// The record of a frontend. For one that stands in the Service directory, which keeps less of it, the record is
    /// made up at each call: a Service without routes, whose name and announcement `frontendName` and `routedFrontend`
    /// look up there.
    ///
    /// - Parameter index: as `service` and the look-ups for listeners and inbound ports return it; never -1.
    package func frontend(_ index: Int32) -> Frontend {
        if frontends.contains(index) { return frontends[index] }
        let position = index - Int32(frontends.count)
        let entry = services.entries[position]
        return Frontend(
            kind: .service, isRouted: false, appProtocol: entry.appProtocol, isTLS: false, port: entry.port,
            backend: firstServiceBackend + position, name: TableText(), routed: TableText(), space: 0)
    }

    /// For logs and people: `namespace/gateway/listener`, `namespace/service:port`, or `:port` for a merged one.
    package func frontendName(_ index: Int32) -> UnsafeRawBufferPointer {
        frontends.contains(index) ? bytes(frontends[index].name) : services.name(index - Int32(frontends.count))
    }

    /// The Service port that owns a ClusterIP and port. Those with routes shadow what the directory knows of them.
    package func service(address: IPAddress, port: UInt16) -> Int32 {
        let wanted = ServiceAddress(address, port: port, frontend: -1)
        let hash = wanted.hash(seed: services.hashSeed)
        let routed = serviceIndex.find(hash) { serviceAddresses[$0].isSame(as: wanted) }
        if routed >= 0 { return serviceAddresses[routed].frontend }
        let entry = services.find(wanted, hash: hash)
        return entry < 0 ? -1 : Int32(frontends.count) + entry
    }

    /// The frontend of a Service's port by name. Not for a request's path.
    package func service(_ key: ObjectKey, port: UInt16) -> Int32 {
        let name = "\(key):\(port)"
        for index in 0..<Int32(frontends.count)
        where frontends[index].kind == .service && string(frontends[index].name) == name { return index }
        let entry = services.entry(of: key, port: port)
        return entry < 0 ? -1 : Int32(frontends.count) + entry
    }
}
