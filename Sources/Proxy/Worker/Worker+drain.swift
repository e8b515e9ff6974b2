internal import Reactor
internal import Telemetry

extension Worker {
    /// New connections are still taken, every response ends its connection, and idle ones end now. Those that have carried no
    /// request yet are spared: their first one is on its way, and its client would not send it again.
    func beginDraining() {
        isDraining = true
        doorsCloseAt = now + options.drainTimeout / 2
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
