import Balancing
import GatewayAPI
import Reactor
import Telemetry
import Testing

@testable import Proxy

@Suite struct TrustedPeersTests {
    private func address(_ host: String) throws -> SocketAddress { try #require(SocketAddress(host: host, port: 9)) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "fd00::1", false),
        ("10.1.2.128/25", "10.1.2.127", false), ("10.1.2.128/25", "10.1.2.129", true), ("fd00::/8", "fdff::1", true),
        ("fd00::/8", "fc00::1", false), ("fd00::/64", "fd00::ffff:1", true), ("fd00::/64", "fd00:0:0:1::1", false),
        ("fd00::/65", "fd00::8000:0:0:1", false), ("fd00::1/128", "fd00::1", true), ("::/0", "fd00::1", true),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
    ])
    func aPeerIsTrustedByItsNetwork(_ network: String, _ peer: String, _ isTrusted: Bool) throws {
        let trusted = TrustedPeers(networks: [try #require(TrustedPeers.network(network))])
        #expect(trusted.contains(try address(peer)) == isTrusted)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/", "/8", "a/8", "10.0.0.0/8/8"])
    func whatIsNoNetworkIsNil(_ text: String) {
        #expect(TrustedPeers.network(text) == nil)
    }

    @Test func nobodyIsTrustedByDefault() throws {
        #expect(!TrustedPeers.none.contains(try address("127.0.0.1")))
    }
}

@Suite struct JSONTextTests {
    @Test func textIsQuotedAndNested() {
        let value: JSONText = .object([
            ("a\"b\\", .array([.null, true, -1, "x\ny\u{1}"])), ("empty", .array([])), ("none", .object([])),
        ])
        #expect(
            value.text() == """
                {
                  "a\\"b\\\\": [
                    null,
                    true,
                    -1,
                    "x\\ny\\u0001"
                  ],
                  "empty": [],
                  "none": {}
                }
                """)
    }
}

@Suite struct LocalAnswerTests {
    /// The statuses that the contract gives each reason.
    @Test(arguments: ResponseFlag.allCases) func everyReasonHasItsStatus(_ flag: ResponseFlag) {
        let expected: [Int] =
            switch flag {
            case .noRoute: [404]
            case .badBackend, .invalidRule: [500]
            case .noEndpoint, .connectFailed, .overload, .draining: [503]
            case .upstreamReset, .upstreamBadResponse: [502]
            case .requestTimeout, .backendTimeout, .upstreamIdle: [504]
            case .clientTimeout: [408]
            case .malformed: [400]
            case .limit: [413, 431]
            case .misdirected, .listenerGone: [421]
            case .denied: [403]
            case .rateLimited: [429]
            case .loop: [508, 503]
            case .none, .local, .clientDisconnect, .internalError: [500]
            }
        #expect(expected.contains(flag.localAnswer.status))
        #expect(flag.localAnswer.text.utf8CodeUnitCount > 0)
    }
}

@Suite struct SnapshotSlotsTests {
    private func snapshot(_ version: UInt64) -> Snapshot { TestPlan(endpoints: []).gateway(version: version) }

    @Test func aRequestKeepsTheSnapshotItBeganWith() {
        var slots = SnapshotSlots()
        let isEmpty = slots.newest == nil
        #expect(isEmpty)
        slots.adopt(snapshot(1))
        let held = slots.retainCurrent()
        slots.adopt(snapshot(2))
        let old = slots.snapshot(held)?.version
        let new = slots.newest?.version
        #expect(old == 1 && new == 2)
        slots.release(held)
        let gone = slots.snapshot(held)
        #expect(gone == nil)
    }

    @Test func anUnusedSnapshotGoesWithTheNext() {
        var slots = SnapshotSlots()
        weak var first: Snapshot?
        do {
            let snapshot = snapshot(1)
            first = snapshot
            slots.adopt(snapshot)
        }
        #expect(first != nil)
        slots.adopt(snapshot(2))
        #expect(first == nil)
    }

    @Test func aChangeOfEndpointsAloneTakesNoSlot() {
        var slots = SnapshotSlots()
        let first = snapshot(1)
        slots.adopt(first)
        let held = slots.retainCurrent()
        for version in 2...UInt64(3 * SnapshotSlots.limit) {
            let next = Snapshot(
                version: version, routes: first.routes, endpoints: snapshot(version).endpoints, labels: first.labels)
            slots.adopt(next)
            _ = slots.retainCurrent()
        }
        let newest = slots.newest?.version
        let seen = slots.snapshot(held)?.version
        #expect(newest == UInt64(3 * SnapshotSlots.limit) && seen == newest)
    }

    @Test func whenEverySlotIsHeldTheOldestHasToBeLetGoOfAndTheNewestIsServedInAnyCase() {
        var slots = SnapshotSlots()
        var held: [Int32] = []
        for version in 1...UInt64(SnapshotSlots.limit) {
            let crowded = slots.crowded
            #expect(crowded == nil)
            slots.adopt(snapshot(version))
            held.append(slots.retainCurrent())
        }
        let crowded = slots.crowded
        #expect(crowded == held[0])
        slots.adopt(snapshot(1000))
        let newest = slots.newest?.version
        let oldest = slots.snapshot(held[0])?.version
        #expect(newest == 1000 && oldest == 1)
    }

    @Test func aRequestThatHasLetGoReadsTheNewest() {
        var slots = SnapshotSlots()
        slots.adopt(snapshot(1))
        slots.adopt(snapshot(2))
        let version = slots.snapshot(SnapshotSlots.detached)?.version
        #expect(version == 2)
        slots.release(SnapshotSlots.detached)
    }
}

@Suite struct TargetPoolsTests {
    @Test func anAddressKeepsItsNumberAndPoolsKeepTheirValuesOverGrowth() throws {
        var pools = TargetPools()
        let base = try #require(SocketAddress(host: "10.0.0.1", port: 1))
        let first = pools.directTarget(base).target
        pools.pool(first)?.pointee.count = 5
        for port in 2..<2000 as Range<UInt16> {
            var other = base
            other.port = port
            _ = pools.directTarget(other)
        }
        let again = pools.directTarget(base).target
        let count = pools.pool(first)?.pointee.count
        #expect(again == first && count == 5)
        pools.reserve(endpoints: 3)
        pools.pool(.endpoint(2))?.pointee.head = 9
        pools.reserve(endpoints: 300)
        let head = pools.pool(.endpoint(2))?.pointee.head
        #expect(head == 9)
    }

    @Test func beyondTheLimitTheAddressThatWasNotUsedForTheLongestTimeLosesItsNumber() {
        func address(_ number: Int) -> SocketAddress {
            SocketAddress(high: 0, low: UInt64(number), port: 1, isIPv6: false)
        }
        var pools = TargetPools()
        for number in 0..<TargetPools.directLimit {
            let wasOthers = pools.directTarget(address(number)).wasOthers
            #expect(!wasOthers)
        }
        let first = pools.directTarget(address(0)).target
        let second = pools.directTarget(address(1)).target
        let third = pools.directTarget(address(TargetPools.directLimit))
        #expect(third.wasOthers && third.target != first && third.target != second)
        let again = pools.directTarget(address(0))
        #expect(again.target == first && !again.wasOthers)
        let displaced = pools.directTarget(address(2))
        #expect(displaced.wasOthers)
    }

    @Test func thereIsNoPoolOutsideTheNumbers() {
        let pools = TargetPools()
        for target in [Target.none, .endpoint(0), .endpoint(-1), .direct(1 << 20)] {
            let pool = pools.pool(target)
            #expect(pool == nil)
        }
    }
}
