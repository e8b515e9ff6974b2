internal import Reactor
internal import Telemetry

/// How a sidecar finds out, without the privilege to read them, whether the rules that redirect to its doors are there:
/// it makes a connection to one door's port on the loopback address, which the rules turn to the other door, and each
/// door tells its name.
extension Worker {
    /// Answers a connection that this pod made to a door's port on the loopback address with the name of the door that
    /// took it, and ends it; true when it was one. Nothing of it is read, so there is nothing it could ask for, and it
    /// takes no place among the worker's connections, so that a full worker answers as well.
    func answerRulesCheck(_ fd: Int32, from peer: SocketAddress, at door: Door) -> Bool {
        guard peer.isLoopback, case .sidecar(let outbound, let inbound, _) = options.mode else { return false }
        // Without connection tracking nothing was redirected, and what comes from the loopback address was made to this
        // door.
        if let destination = Socket.originalDestination(fd, isIPv6: peer.isIPv6) {
            guard destination.isLoopback, destination.port == outbound.port || destination.port == inbound.port else {
                return false
            }
        }
        // An empty send buffer takes so little at once, and who hangs up first needs no answer.
        DoorName.text(of: door).withUTF8Buffer { _ = Socket.write(fd, UnsafeRawBufferPointer($0)) }
        Socket.close(fd)
        return true
    }
}

/// What the doors call themselves to a rules check.
enum DoorName {
    /// Bytes of the longest.
    static let maximumBytes = 16

    static func text(of door: Door) -> StaticString {
        switch door {
        case .outbound: "weir outbound\n"
        case .inbound: "weir inbound\n"
        case .gateway: "weir gateway\n"
        }
    }

    /// The door whose name it is; nil for anything else.
    static func door(_ bytes: [UInt8]) -> Door? {
        Door.allCases.first { door in text(of: door).withUTF8Buffer { $0.elementsEqual(bytes) } }
    }
}
