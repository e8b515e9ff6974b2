internal import Reactor

/// How many connections each client address holds at a door. Where places are scarce nobody is entitled to more than an
/// equal part of them, so that one stranger with many connections makes room before those who have few.
struct PeerShares {
    /// Who a connection comes from: an address, of IPv6 the /64 that one subscriber or node has.
    struct Peer: Hashable {
        private let high: UInt64
        private let low: UInt64

        init(_ address: SocketAddress) {
            high = address.high
            low = address.isIPv6 ? 0 : address.low
        }
    }

    private var counts: [Peer: Int32] = [:]
    private var connections = 0

    /// Addresses that have connections.
    var addresses: Int { counts.count }

    func count(_ address: SocketAddress) -> Int { Int(counts[Peer(address)] ?? 0) }

    mutating func joined(_ address: SocketAddress) {
        counts[Peer(address), default: 0] += 1
        connections += 1
    }

    mutating func left(_ address: SocketAddress) {
        let peer = Peer(address)
        guard let count = counts[peer] else { return }
        counts[peer] = count > 1 ? count - 1 : nil
        connections -= 1
    }

    /// The peer holds more than an equal part of the connections that there are.
    func isOverShare(_ address: SocketAddress) -> Bool {
        count(address) > max(1, connections / max(1, counts.count))
    }

    /// The peer would hold more than an equal part with one more.
    func isOverShareWithOneMore(_ address: SocketAddress) -> Bool {
        let own = count(address)
        return own > 0 && own + 1 > max(1, (connections + 1) / counts.count)
    }
}
