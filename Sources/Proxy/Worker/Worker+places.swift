internal import HTTP
internal import Reactor
internal import Telemetry

/// Places for connections: taken, given back, and made free where they are missing. A request that is being served is
/// never cut for it.
extension Worker {
    private typealias Group = ConnectionShares.Group

    /// A place for a connection to an endpoint; nil when there is none.
    ///
    /// - Parameter evicting: an idle one may have to go for it.
    func takeEndpointPlace(_ door: Door, evicting: Bool = true) -> Int32? {
        let group = Group(.endpoints, door)
        return takePlace(group, isFree: shares.hasRoom(group) || (evicting && evictIdle(door)))
    }

    /// A place for a client; nil when there is none and nobody can make room for it. A peer that has its share already
    /// displaces only its own connections, and those of others that have more than theirs.
    func takeClientPlace(_ door: Door, for peer: SocketAddress) -> Int32? {
        let group = Group(.clients, door)
        let isFree = shares.hasRoom(group) && !isKeptFromReserve(peer, at: door)
        let hasShare = !isFree && peers[Int(door.rawValue)].isOverShareWithOneMore(peer)
        let hasPlace =
            isFree
            || evictClient(door) { entry in
                !hasShare || entry.isOverShare
                    || PeerShares.Peer(connections[Token(rawValue: entry.token).index].pointee.remote)
                        == PeerShares.Peer(peer)
            }
        let index = takePlace(group, isFree: hasPlace)
        if index != nil { peers[Int(door.rawValue)].joined(peer) }
        return index
    }

    /// A door's last places are for those who have few. The application's own calls all come from one address.
    private func isKeptFromReserve(_ peer: SocketAddress, at door: Door) -> Bool {
        door != .outbound && shares.reserve > 0 && shares.isNearlyFull(Group(.clients, door))
            && peers[Int(door.rawValue)].count(peer) > shares.reserve
    }

    private func takePlace(_ group: Group, isFree: Bool) -> Int32? {
        guard isFree, shares.hasRoom(group), let index = connectionSlab.take() else { return nil }
        connections[index].pointee.role = group.side == .clients ? .client : .upstream
        connections[index].pointee.door = group.door
        shares.took(group)
        return index
    }

    func giveBackPlace(_ index: Int32) {
        let connection = connections[index]
        shares.gave(back: group(of: connection.pointee))
        if connection.pointee.role == .client {
            peers[Int(connection.pointee.door.rawValue)].left(connection.pointee.remote)
        }
        connectionSlab.give(back: index)
        // Whoever waits for a place is looked at again with the next turn.
        if !newcomers.isEmpty { newcomersDueAt = now }
    }

    private func group(of connection: Connection) -> ConnectionShares.Group {
        Group(connection.role == .client ? .clients : .endpoints, connection.door)
    }

    /// This process has no descriptor left: a connection that can do without its own ends, whoever's it is.
    func makeDescriptorRoom(_ door: Door) -> Bool {
        evictIdle(door) || evictClient(door) { _ in true }
    }

    // MARK: Making room

    /// Clients that one look finds.
    static var evictionsPerLook: Int { 256 }
    /// The least time between two looks, and that after nobody was found. It is longer where there are many connections
    /// to look at, so that the looks take no more than a ninth of the worker's time.
    static var lookPause: UInt64 { 10 * ProxyLimits.millisecond }
    private static var vainLookPause: UInt64 { 50 * ProxyLimits.millisecond }
    private static var lookCost: UInt64 { 8 }
    private static var longestLookPause: UInt64 { 500 * ProxyLimits.millisecond }

    /// Ends the client's connection that can best do without its place; false when each is in use, or none is known and
    /// it was looked for others just now.
    private func evictClient(_ door: Door, where isAllowed: (EvictionList<Expendable>.Entry) -> Bool) -> Bool {
        if evictKnown(door, where: isAllowed) { return true }
        guard now >= evictionsPausedUntil[Int(door.rawValue)] else { return false }
        findExpendable(door)
        return evictKnown(door, where: isAllowed)
    }

    private func evictKnown(_ door: Door, where isAllowed: (EvictionList<Expendable>.Entry) -> Bool) -> Bool {
        while let entry = evictions[Int(door.rawValue)].take(where: isAllowed) {
            let token = Token(rawValue: entry.token)
            guard isCurrent(token), isClient(token.index, at: door), let reason = expendable(token.index),
                // One that has been used since the look is not the longest idle any more.
                reason == .slowBody || entry.since == idleSince(connections[token.index].pointee)
            else { continue }
            evict(token.index, reason)
            return true
        }
        return false
    }

    private func isClient(_ index: Int32, at door: Door) -> Bool {
        connections[index].pointee.role == .client && connections[index].pointee.door == door
    }

    /// One look at every connection; what it finds serves as many newcomers as the list is long.
    private func findExpendable(_ door: Door) {
        let list = Int(door.rawValue)
        let start = Clock.now()
        evictions[list].begin(wanted: Worker.evictionsPerLook)
        for position in 0..<connectionSlab.highWater {
            let index = Int32(position)
            let connection = connections[index]
            guard connection.pointee.fd >= 0, isClient(index, at: door), let reason = expendable(index) else {
                continue
            }
            let token = Token(.connection, index: index, generation: connection.pointee.generation)
            evictions[list].consider(
                EvictionList.Entry(
                    isOverShare: isOverShare(connection.pointee), reason: reason, since: idleSince(connection.pointee),
                    token: token.rawValue))
        }
        evictions[list].finish()
        let least = evictions[list].isEmpty ? Worker.vainLookPause : Worker.lookPause
        evictionsPausedUntil[list] =
            now + min(max(least, Worker.lookCost * (Clock.now() - start)), Worker.longestLookPause)
    }

    func isCurrent(_ token: Token) -> Bool {
        let connection = connections[token.index]
        return connection.pointee.fd >= 0 && connection.pointee.generation & Token.generationMask == token.generation
    }

    func isOverShare(_ connection: Connection) -> Bool {
        connection.role == .client && peers[Int(connection.door.rawValue)].isOverShare(connection.remote)
    }

    private func idleSince(_ connection: Connection) -> UInt64 {
        connection.headStarted > 0 ? connection.headStarted : connection.lastActivity
    }

    /// Why a client can do without its place; nil for one that is in use, or may be about to be.
    private func expendable(_ index: Int32) -> Expendable? {
        let connection = connections[index].pointee
        if connection.phase == .tunnel { return expendableTunnel(index) }
        if connection.exchange >= 0 { return isBodySlow(exchanges[connection.exchange].pointee) ? .slowBody : nil }
        guard now >= idleSince(connection) + limits.evictionGrace else { return nil }
        switch connection.phase {
        case .handshaking: return .unfinishedHead
        case .lingering, .flushing: return .departing
        case .http where connection.headStarted > 0: return .unfinishedHead
        // Bytes that came and were not looked at yet are a request.
        case .http where connection.flags.contains(.readable) || !connection.input.isEmpty: return nil
        case .http: return connection.flags.contains(.reused) ? .idleClient : .silentClient
        case .detecting, .discovering, .awaitingRoutes, .awaitingTurn, .tunnel, .connecting, .idle: return nil
        }
    }

    /// One on which neither side has said anything yet is as good as a silent client; one that has been quiet for long
    /// goes where its peer has more than its share.
    private func expendableTunnel(_ index: Int32) -> Expendable? {
        let connection = connections[index].pointee
        guard connection.peer >= 0 else { return nil }
        let last = lastMovement(ofTunnel: connection)
        if connection.flags.contains(.sniffing) {
            return now >= last + limits.evictionGrace ? .silentClient : nil
        }
        let isQuiet = now >= last + limits.firstByteTimeout
        return isQuiet && isOverShare(connection) ? .quietTunnel : nil
    }

    private func isBodySlow(_ exchange: Exchange) -> Bool {
        exchange.bodyDeadline > 0 && exchange.bodyDeadline <= now && !exchange.progress.isRequestSent
            && exchange.progress.isResponseAwaited && isClientAwaited(exchange)
    }

    private func evict(_ index: Int32, _ reason: Expendable) {
        shard.shed(reason.shedReason)
        switch (reason, connections[index].pointee.phase) {
        case (_, .tunnel): closeTunnel(index)
        case (.unfinishedHead, .http): refuseForRoom(index)
        case (.slowBody, _):
            fail(connections[index].pointee.exchange, .clientTimeout)
            closeConnection(index)
        case (_, .http): closeOrderly(index)
        default: closeConnection(index)
        }
    }

    /// A client whose head is not complete is told, if it listens.
    private func refuseForRoom(_ index: Int32) {
        var response = LocalResponse(status: 503, text: "overloaded")
        response.closes = true
        answerUnrouted(index, response, .overload)
        closeConnection(index)
    }

    // MARK: Clients that wait to be let in

    /// Clients that are accepted and wait for a place, at each door; further ones wait in the kernel's queue.
    static var newcomersPerDoor: Int { 64 }
    /// As many where there are descriptors for them.
    private var mostNewcomers: Int { max(4, min(Worker.newcomersPerDoor, limits.descriptorsPerWorker / 16)) }

    /// Lets those in for whom there is room now, in the order in which they came.
    func admitNewcomers() {
        guard !newcomers.isEmpty, now >= newcomersDueAt else { return }
        newcomersDueAt = now + Worker.vainLookPause
        let waiting = newcomers
        newcomers.removeAll(keepingCapacity: true)
        for newcomer in waiting {
            guard !place(newcomer) else { continue }
            newcomers.append(newcomer)
            let nextLook = evictionsPausedUntil[Int(newcomer.listener.door.rawValue)]
            newcomersDueAt = min(newcomersDueAt, max(nextLook, now + Worker.lookPause))
        }
        for position in listeners.indices where listeners[position].isPaused {
            // Places may have become free that none of those who wait may have: whoever may is behind them, with the
            // kernel.
            if !isCrowded(listeners[position].door) || dismissNewcomer(listeners[position].door) {
                resumeListener(position)
            }
        }
    }

    func isCrowded(_ door: Door) -> Bool {
        newcomers.reduce(0) { $0 + ($1.listener.door == door ? 1 : 0) } >= mostNewcomers
    }

    /// Turns away the last to come of those who may not have what somebody else could be let in for; false when there
    /// is none such.
    ///
    /// While the last places are free, each of a peer that is kept from them. Whom it is turned away for need not have
    /// a connection: it waits behind those that wait here. While somebody could make room, each of a peer with more
    /// than its share, if there are others. Of the only peer there is, those who have waited long enough for its own
    /// silent connections to go.
    func dismissNewcomer(_ door: Door) -> Bool {
        let group = Group(.clients, door)
        let isRoomForOthers = shares.hasRoom(group) || !evictions[Int(door.rawValue)].isEmpty
        let isAlone = peers[Int(door.rawValue)].addresses <= 1
        guard isRoomForOthers, shares.hasRoom(group) || !isAlone,
            let position = newcomers.lastIndex(where: {
                $0.listener.door == door && (!isAlone || now >= $0.since + 2 * limits.evictionGrace)
                    && (peers[Int(door.rawValue)].isOverShare($0.peer) || isKeptFromReserve($0.peer, at: door))
            })
        else { return false }
        shard.add(.overloadRefusals)
        Socket.close(newcomers.remove(at: position).fd)
        return true
    }

    func closeNewcomers() {
        for newcomer in newcomers { Socket.close(newcomer.fd) }
        newcomers = []
    }
}

/// A client that was accepted and has no place yet.
struct Newcomer {
    var fd: Int32
    var peer: SocketAddress
    /// What it came through, as that was then.
    var listener: DoorListener
    /// When it was accepted.
    var since: UInt64
}

extension Expendable {
    var shedReason: ShedReason {
        switch self {
        case .idleClient: .idleClient
        case .silentClient: .silentClient
        case .unfinishedHead: .unfinishedHead
        case .departing: .departing
        case .quietTunnel: .quietTunnel
        case .slowBody: .slowBody
        }
    }
}
