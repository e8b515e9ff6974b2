internal import Reactor
internal import Routing
internal import Telemetry

/// One listening socket of a worker.
struct DoorListener {
    var fd: Int32
    var door: Door
    /// The Gateway listener's port; 0 at a sidecar's doors.
    var frontendPort: UInt16
    /// The listeners of the port end TLS.
    var isTLS: Bool
    /// Where it is bound.
    var address: SocketAddress
    /// Too many wait for a place at its door already; further ones stay with the kernel.
    var isPaused = false
}

extension Worker {
    /// Opens the doors that a snapshot asks for and closes those that it no longer does. Connections already accepted
    /// stay.
    func openListeners(for snapshot: Snapshot) {
        switch options.mode {
        case .sidecar(let outbound, let inbound, _):
            let outboundOpen = isOpen(.outbound) || open(outbound, .outbound, 0)
            let inboundOpen = isOpen(.inbound) || open(inbound, .inbound, 0)
            noteDoors(areOpen: outboundOpen && inboundOpen)
        case .gateway(let bind, let offset, _):
            let wanted = snapshot.routes.listenerPorts
            for position in listeners.indices where !wanted.contains(listeners[position].frontendPort) {
                closeListener(position)
            }
            var allOpen = true
            for port in wanted where !listeners.contains(where: { $0.fd >= 0 && $0.frontendPort == port }) {
                let address = ReservedListener.gatewayAddress(port, bind: bind, offset: offset)
                if let address, options.ownServers.contains(where: { $0.port == address.port }) {
                    Log.error(
                        "worker", "listener \(address): its port is the process's own (admin, telemetry); not served")
                    continue
                }
                allOpen = (address.map { open($0, .gateway, port) } ?? false) && allOpen
            }
            for position in listeners.indices {
                listeners[position].isTLS = snapshot.tls.isServed(listeners[position].frontendPort)
            }
            noteDoors(areOpen: allOpen)
        }
    }

    /// A door that cannot be bound is tried again in a while.
    private func noteDoors(areOpen: Bool) {
        control.doorsOpen(areOpen)
        doorsRetryAt = areOpen ? 0 : now + Worker.doorsRetryInterval
    }

    private static var doorsRetryInterval: UInt64 { ProxyLimits.second }

    func retryDoors() {
        guard doorsRetryAt > 0, now >= doorsRetryAt, !isDraining, let snapshot = snapshots.newest else { return }
        openListeners(for: snapshot)
    }

    private func isOpen(_ door: Door) -> Bool { listeners.contains { $0.fd >= 0 && $0.door == door } }

    /// Late in a drain nobody new is let in, so that what was accepted can be finished: who waits already is, first.
    func closeDoorsLate() {
        guard isDraining, doorsCloseAt > 0, now >= doorsCloseAt else { return }
        doorsCloseAt = 0
        for position in listeners.indices { acceptConnections(on: position) }
        closeListeners()
    }

    /// Whether an address is one of this gateway's own doors: to forward there would come back here for ever.
    func isOwnDoor(_ address: SocketAddress) -> Bool {
        guard case .gateway(_, _, let own) = options.mode else { return false }
        for listener in listeners where listener.fd >= 0 && listener.address.port == address.port {
            return address.isLoopback || own.contains { $0.isSameHost(as: address) }
        }
        return false
    }

    /// Whether an address is one where this process serves its operator. No resource leads there, and no connection
    /// that a door took: what the proxy would ask for came from somebody who must not ask for it. At the inbound door
    /// the telemetry port is the pod's, which whoever collects metrics dials by the pod's address.
    func isOwnServer(_ address: SocketAddress, door: Door) -> Bool {
        for (position, server) in options.ownServers.enumerated() where server.port == address.port {
            if position > 0 && door == .inbound { continue }
            if address.isLoopback || address.isUnspecified { return true }
            if options.mode.ownAddresses.contains(where: { $0.isSameHost(as: address) }) { return true }
        }
        return false
    }

    private func open(_ address: SocketAddress, _ door: Door, _ frontendPort: UInt16) -> Bool {
        do throws(SystemError) {
            let reserved = takeReserved(frontendPort)
            let fd = if let reserved { reserved } else { try options.ports.listen(address) }
            // Connections that it accepts have the listener's.
            Socket.setKeepalive(fd, Keepalive(after: limits.clientKeepalive))
            let free = listeners.firstIndex { $0.fd < 0 }
            let position = free ?? listeners.count
            let listener = DoorListener(
                fd: fd, door: door, frontendPort: frontendPort, isTLS: false, address: address)
            if let free { listeners[free] = listener } else { listeners.append(listener) }
            return poller.addReadable(fd, token: Token(.listener, index: Int32(position)).rawValue)
        } catch {
            let advice = error.isAddressInUse ? " (another process listens there; --share-ports lets both)" : ""
            Log.error(
                "worker", "listener \(address): \(error)\(advice); requests to it are refused until it can be bound")
            return false
        }
    }

    private func takeReserved(_ frontendPort: UInt16) -> Int32? {
        guard frontendPort > 0, let position = reserved.firstIndex(where: { $0.frontendPort == frontendPort }) else {
            return nil
        }
        return reserved.remove(at: position).fd
    }

    private func closeListener(_ position: Int) {
        guard listeners[position].fd >= 0 else { return }
        Socket.close(listeners[position].fd)
        options.ports.closed(listeners[position].address)
        listeners[position].fd = -1
    }

    func closeListeners() {
        for position in listeners.indices { closeListener(position) }
    }

    /// Takes every connection that waits, up to a batch, so that one flood does not starve the others.
    func acceptConnections(on position: Int) {
        guard listeners.indices.contains(position), listeners[position].fd >= 0 else { return }
        let listener = listeners[position]
        for _ in 0..<Worker.acceptBatch {
            var peer = SocketAddress.none
            guard let fd = Socket.accept(listener.fd, peer: &peer) else { return }
            guard fd >= 0 else {
                if makeDescriptorRoom(listener.door) { continue }
                pauseAccepting()
                return
            }
            admit(Newcomer(fd: fd, peer: peer, listener: listener, since: now))
            guard !listeners[position].isPaused else { return }
        }
    }

    static var acceptBatch: Int { 64 }

    /// Out of descriptors or memory: the waiting connections stay with the kernel for a while.
    private func pauseAccepting() {
        shard.add(.overloadRefusals)
        for listener in listeners where listener.fd >= 0 && !listener.isPaused { poller.remove(listener.fd) }
        acceptPausedUntil = now + 100 * ProxyLimits.millisecond
    }

    func resumeAccepting() {
        guard acceptPausedUntil > 0 && now >= acceptPausedUntil else { return }
        acceptPausedUntil = 0
        for (position, listener) in listeners.enumerated() where listener.fd >= 0 && !listener.isPaused {
            _ = poller.addReadable(listener.fd, token: Token(.listener, index: Int32(position)).rawValue)
        }
    }

    func resumeListener(_ position: Int) {
        listeners[position].isPaused = false
        guard listeners[position].fd >= 0, acceptPausedUntil == 0 else { return }
        _ = poller.addReadable(listeners[position].fd, token: Token(.listener, index: Int32(position)).rawValue)
    }

    /// Lets a client in, or has it wait until there is a place for it.
    private func admit(_ newcomer: Newcomer) {
        let door = newcomer.listener.door
        if answerRulesCheck(newcomer.fd, from: newcomer.peer, at: door) || place(newcomer) { return }
        shard.add(.placeWaits, door)
        if newcomers.isEmpty { newcomersDueAt = now }
        newcomers.append(newcomer)
        guard isCrowded(door), !dismissNewcomer(door) else { return }
        for position in listeners.indices where listeners[position].door == door && listeners[position].fd >= 0 {
            listeners[position].isPaused = true
            if acceptPausedUntil == 0 { poller.remove(listeners[position].fd) }
        }
    }

    /// True when the client has a place and is being served.
    func place(_ newcomer: Newcomer) -> Bool {
        let (fd, listener) = (newcomer.fd, newcomer.listener)
        guard snapshots.current >= 0, let index = takeClientPlace(listener.door, for: newcomer.peer) else {
            return false
        }
        Socket.setNoDelay(fd)
        let connection = connections[index]
        connection.pointee.fd = fd
        connection.pointee.generation = nextGeneration()
        connection.pointee.remote = newcomer.peer
        connection.pointee.frontendPort = listener.frontendPort
        connection.pointee.lastActivity = now
        connection.pointee.openedAt = now
        shard.add(.connectionsOpened, listener.door)
        shard.add(.connectionsActive, listener.door)
        let token = Token(.connection, index: index, generation: connection.pointee.generation)
        guard poller.add(fd, token: token.rawValue) else {
            closeConnection(index)
            return true
        }
        switch listener.door {
        case .gateway where listener.isTLS: beginHandshake(index)
        case .gateway: enterGateway(index)
        case .outbound: enterOutbound(index)
        case .inbound: enterInbound(index)
        }
        return true
    }

    func nextGeneration() -> UInt32 {
        generation = (generation &+ 1) & Token.generationMask
        return generation
    }
}
