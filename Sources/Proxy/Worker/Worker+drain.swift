internal import Reactor
internal import Telemetry

extension Worker {
    /// New connections are still taken, every response ends its connection, and idle ones end now.
    func beginDraining() {
        isDraining = true
        doorsCloseAt = now + options.drainTimeout / 2
        firstRequestsUntil = now + min(Worker.firstRequestPatience, options.drainTimeout)
        endIdleClients()
    }

    /// How long a draining worker that has nothing else to do waits for first requests.
    private static var firstRequestPatience: UInt64 { ProxyLimits.second }

    /// A client that was let in has sent no request yet: its first one may be on its way, and is lost if nobody is
    /// there any more.
    var isFirstRequestAwaited: Bool {
        guard now < firstRequestsUntil else { return false }
        for position in 0..<connectionSlab.highWater {
            let connection = connections[Int32(position)].pointee
            guard connection.fd >= 0, connection.role == .client, !connection.flags.contains(.reused) else { continue }
            switch connection.phase {
            case .handshaking, .detecting, .http: return true
            default: continue
            }
        }
        return false
    }

    /// From now on every answer to a caller of the pod ends its connection. Idle connections stay, since their next
    /// request may be on its way: it gets its answer, and with it the news. What the workload calls is its own affair.
    func beginLeaving() {
        isLeaving = true
    }

    /// Whether an answer at this door is the last of its connection.
    func endsClients(at door: Door) -> Bool {
        isDraining || (isLeaving && door != .outbound)
    }

    /// Those that have carried no request yet are spared: their first one is on its way, and its client would not send
    /// it again.
    private func endIdleClients() {
        for position in 0..<connectionSlab.highWater {
            let index = Int32(position)
            let connection = connections[index]
            guard connection.pointee.fd >= 0, connection.pointee.phase == .http, connection.pointee.role == .client,
                connection.pointee.exchange < 0, connection.pointee.input.isEmpty,
                connection.pointee.flags.contains(.reused),
                !connection.pointee.flags.contains(.readable)
            else { continue }
            // The end of its last answer may still wait for the client to read.
            if connection.pointee.output.isEmpty { closeOrderly(index) } else { endClient(index) }
        }
    }
}
