import Balancing
import GatewayAPI
import Glibc
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor
@testable import Routing

/// Requests of which finding the rule takes long are served behind everything else. What is asserted is what is done
/// before what, never how long it takes.
@Suite struct CostlyRequestTests {
    private static let cheap = "GET /cheap HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let perClient = 3

    private let proxy: TestProxy
    private let snapshot: Snapshot

    /// A hostname whose expressions take longer than a request may take (414), and a rule of the same namespace that is
    /// found at once (500).
    init() throws {
        var plan = TestPlan(endpoints: [], registry: EndpointRegistry())
        plan.add("/cheap", .fail(reason: "test"))
        let rank = try #require(plan.matches.first?.rank)
        plan.matches += (0..<64).map { n in
            PlannedMatch(
                hostnames: ["evil.example"], path: PathMatch(.regularExpression, "/(.*[ab].{470}[\(n % 10)x]|\(n))"),
                rule: 0, rank: rank)
        }
        snapshot = plan.gateway()
        proxy = try TestProxy()
    }

    private static let costly: String = {
        var state: UInt32 = 1
        let path = String(
            decoding: (0..<500).map { _ -> UInt8 in
                state = state &* 1_103_515_245 &+ 12_345
                return state >> 16 & 1 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b")
            }, as: UTF8.self)
        return "GET /\(path) HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    }()

    /// A client at the gateway's door whose bytes are there.
    private func client(_ text: String) throws -> (peer: Peer, index: Int32) {
        var admitted: Int32 = -1
        let peer = try proxy.admit(.gateway, destination: .none, snapshot) { worker, index in
            worker.connections[index].pointee.frontendPort = TestProxy.frontendPort
            worker.enterGateway(index)
            admitted = index
        }
        try peer.send(text)
        let fd = proxy.worker.connections[admitted].pointee.fd
        var room = [UInt8](repeating: 0, count: text.utf8.count)
        #expect(eventually { recv(fd, &room, room.count, Int32(MSG_PEEK)) == room.count })
        return (peer, admitted)
    }

    private func attackers(_ count: Int) throws -> [(peer: Peer, index: Int32)] {
        let requests = String(repeating: Self.costly, count: Self.perClient)
        return try (0..<count).map { _ in try client(requests) }
    }

    private func expectAnswers(_ attackers: [(peer: Peer, index: Int32)]) throws {
        for attacker in attackers {
            attacker.peer.endSending()
            let answers = try attacker.peer.takeText()
            #expect(answers.split(separator: "HTTP/1.1 414 ").count == Self.perClient)
        }
    }

    /// From now on the namespace's requests have to wait, for long.
    private func hold() {
        let namespace = snapshot.routes.namespaceHash(ofRule: 0)
        proxy.worker.costly.took(3600 * ProxyLimits.second / CostlyLanes.holdFactor, namespace, now: Clock.now())
    }

    /// Those that wait let everybody go before for long.
    private func pause() { proxy.worker.costly.roundTook(3600 * ProxyLimits.second, now: Clock.now()) }

    @Test func ofManyThatComeTogetherOneIsRoutedBeforeAnybodyElses() throws {
        let attackers = try attackers(8)
        let victim = try client(Self.cheap)
        proxy.worker.serveEvents(waiting: 0)
        #expect(try victim.peer.takeHead().hasPrefix("HTTP/1.1 500 "), "in the round in which it came")
        // One was routed before, and has had its turn with that: its second request and the first ones of the others
        // were put back.
        #expect(proxy.shard.value(.requestsDeferred) == 8)
        #expect(proxy.shard.value(.requestsActive, .gateway) == 0)
        try proxy.start(snapshot)
        try expectAnswers(attackers)
    }

    @Test func onesThatWaitAreServedBehindConnectionsThatComeLater() throws {
        hold()
        let attackers = try attackers(4)
        pause()
        proxy.worker.serveEvents(waiting: 0)
        #expect(proxy.shard.value(.requestsDeferred) == 4 && !proxy.worker.costly.isEmpty)
        let later = try client(Self.cheap)
        proxy.worker.serveEvents(waiting: 0)
        #expect(try later.peer.takeHead().hasPrefix("HTTP/1.1 500 "))
        for attacker in attackers {
            #expect(proxy.worker.connections[attacker.index].pointee.phase == .awaitingTurn)
        }
        // With nothing else to do, they need not wait for the end of their pause.
        try proxy.start(snapshot)
        try expectAnswers(attackers)
    }

    @Test func theTurnOfAClientEndsWithItsCostlyRequest() throws {
        let attacker = try attackers(1)
        proxy.worker.serveEvents(waiting: 0)
        #expect(proxy.worker.queue.map { Token(rawValue: $0).index } == [attacker[0].index])
        #expect(try attacker[0].peer.takeHead().hasPrefix("HTTP/1.1 414 "))
        try proxy.start(snapshot)
    }

    @Test func oneThatWaitsTooLongIsRefused() throws {
        hold()
        let attacker = try attackers(1)
        pause()
        proxy.worker.serveEvents(waiting: 0)
        proxy.worker.now += proxy.worker.limits.headTimeout + 60 * ProxyLimits.second
        proxy.worker.expireTimers()
        #expect(try attacker[0].peer.takeHead().hasPrefix("HTTP/1.1 503 "))
        #expect(proxy.shard.value(.overloadRefusals) == 1)
    }

    @Test func oneWhoseClientGoesIsForgotten() throws {
        hold()
        var attackers = try attackers(3)
        pause()
        proxy.worker.serveEvents(waiting: 0)
        attackers.removeFirst().peer.reset()
        try proxy.step { proxy.shard.value(.connectionsActive, .gateway) == 2 }
        try proxy.start(snapshot)
        try expectAnswers(attackers)
    }

    @Test func aWorkerThatDrainsAnswersThoseThatWait() throws {
        hold()
        let attackers = try attackers(3)
        pause()
        proxy.worker.serveEvents(waiting: 0)
        proxy.drain()
        try proxy.start(snapshot)
        for attacker in attackers {
            #expect(try attacker.peer.takeText().hasPrefix("HTTP/1.1 414 "))
        }
    }
}
