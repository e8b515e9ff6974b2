import Reactor
import Testing

@testable import Proxy

@Suite struct PeerSharesTests {
    private func address(_ host: String, port: UInt16 = 1) throws -> SocketAddress {
        try #require(SocketAddress(host: host, port: port))
    }

    @Test func whoHoldsMoreThanAnEqualPartIsOverShare() throws {
        var peers = PeerShares()
        let (many, few) = (try address("10.0.0.1"), try address("10.0.0.2"))
        for _ in 0..<10 { peers.joined(many) }
        #expect(!peers.isOverShare(many), "alone it takes from nobody")
        peers.joined(few)
        #expect(peers.isOverShare(many) && !peers.isOverShare(few))
        #expect(peers.isOverShareWithOneMore(many) && !peers.isOverShareWithOneMore(few))
        for _ in 0..<10 { peers.left(many) }
        #expect(peers.count(many) == 0 && !peers.isOverShare(many))
    }

    @Test func oneThatIsNewIsNeverOverShare() throws {
        var peers = PeerShares()
        for number in 0..<64 { peers.joined(try address("10.0.1.\(number)")) }
        #expect(!peers.isOverShareWithOneMore(try address("10.0.0.1")))
    }

    @Test func portsDoNotMakeAPeerAndIPv6AddressesOfOneNetworkAreOne() throws {
        var peers = PeerShares()
        peers.joined(try address("fd00:1::1", port: 5))
        peers.joined(try address("fd00:1::2:3", port: 6))
        peers.joined(try address("fd00:1:0:1::1"))
        #expect(peers.count(try address("fd00:1::9")) == 2)
        #expect(peers.count(try address("fd00:1:0:1::7")) == 1)
    }

    @Test func whatLeavesWithoutHavingJoinedChangesNothing() throws {
        var peers = PeerShares()
        peers.left(try address("10.0.0.1"))
        peers.joined(try address("10.0.0.1"))
        #expect(peers.count(try address("10.0.0.1")) == 1)
    }
}
