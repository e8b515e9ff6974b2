internal import Telemetry

/// The ends of the order in which one door's connections to endpoints have become idle, linked through the connections.
struct IdleOrder {
    /// The longest idle one; -1 for none.
    var first: Int32 = -1
    var last: Int32 = -1
}

/// Connections to endpoints that are idle, in their pools or beside their clients, in the order in which they became
/// so: whichever has been of no use for longest makes room for one that is needed, without a look at the others.
extension Worker {
    /// Call it when the connection becomes idle.
    func joinIdle(_ index: Int32) {
        let connection = connections[index]
        let door = Int(connection.pointee.door.rawValue)
        let last = idleOrders[door].last
        connection.pointee.idlePrevious = last
        connection.pointee.idleNext = -1
        if last >= 0 { connections[last].pointee.idleNext = index } else { idleOrders[door].first = index }
        idleOrders[door].last = index
    }

    /// Call it when an idle connection is used or closed.
    func leaveIdle(_ index: Int32) {
        let connection = connections[index]
        let door = Int(connection.pointee.door.rawValue)
        let (previous, next) = (connection.pointee.idlePrevious, connection.pointee.idleNext)
        if previous >= 0 { connections[previous].pointee.idleNext = next } else { idleOrders[door].first = next }
        if next >= 0 { connections[next].pointee.idlePrevious = previous } else { idleOrders[door].last = previous }
        connection.pointee.idlePrevious = -1
        connection.pointee.idleNext = -1
    }

    /// Ends the connection to an endpoint that has been idle for longest; false when there is none.
    func evictIdle(_ door: Door) -> Bool {
        let index = idleOrders[Int(door.rawValue)].first
        guard index >= 0 else { return false }
        shard.shed(.idleEndpoint)
        discardIdle(index)
        return true
    }
}
