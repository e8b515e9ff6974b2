import Glibc
import Testing

@testable import Resolver

private let second: UInt64 = 1_000_000_000

/// A resolver and the only server it asks. Time is the test's; only waiting for packets is real.
private final class Bench {
    /// Milliseconds that something which has to happen may take.
    static let patience: Int32 = 60_000

    let server = DNSServer()
    let resolver: HostResolver
    var now: UInt64 = 0

    /// - Parameter tryMilliseconds: how long an answer is waited for; short where none is to come.
    init(
        _ names: Set<String> = ["web.test."], tryMilliseconds: Int32 = Bench.patience,
        reply: @escaping (String, UInt16) -> DNSServer.Reply
    ) throws {
        server.reply = reply
        let client = try DNSClient(servers: "127.0.0.1:\(server.port)", tryMilliseconds: tryMilliseconds)
        resolver = HostResolver(client: client, seed: 7)
        #expect(resolver.want(names, now: 0).isEmpty)
    }

    /// Steps until `condition` holds; says whether it came to hold.
    func run(until condition: () -> Bool) -> Bool {
        let limit = ContinuousClock.now + .milliseconds(Bench.patience)
        while ContinuousClock.now < limit {
            server.serve()
            _ = resolver.step(now: now)
            if condition() { return true }
            var polled = [
                pollfd(fd: server.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&polled, 2, 5)
        }
        return false
    }

    func addresses(_ name: String = "web.test.") -> [String]? {
        resolver.addresses(of: name)?.map(\.description)
    }
}

@Suite struct HostResolverTests {
    @Test func bothFamiliesAreResolved() throws {
        let bench = try Bench { name, _ in
            name == "web.test" ? .addresses(["10.0.0.2", "2001:db8::2", "10.0.0.1"], ttl: 30) : .noSuchName
        }
        #expect(bench.run { bench.addresses() != nil })
        #expect(bench.addresses() == ["10.0.0.1", "10.0.0.2", "2001:db8::2"])
        #expect(bench.server.questions == 2)
    }

    @Test func anAnswerIsRefreshedWhenItsTTLHasPassed() throws {
        var current = "10.0.0.1"
        let bench = try Bench { _, _ in .addresses([current], ttl: 20) }
        #expect(bench.run { bench.addresses() == ["10.0.0.1"] })
        current = "10.0.0.9"
        #expect(bench.resolver.nextWake(now: 0) == 20 * second)
        bench.now = 19 * second
        let asked = bench.server.questions
        _ = bench.resolver.step(now: bench.now)
        bench.server.serve()
        #expect(bench.server.questions == asked)
        bench.now = 20 * second
        #expect(bench.run { bench.addresses() == ["10.0.0.9"] })
    }

    @Test func failuresOfTheServerKeepTheLastGoodAnswer() throws {
        let bench = try Bench { _, _ in .addresses(["10.0.0.1"], ttl: 1) }
        #expect(bench.run { bench.addresses() == ["10.0.0.1"] })
        bench.server.reply = { _, _ in .serverFailure }
        bench.now += 10 * second
        #expect(bench.run { bench.resolver.failingNames == 1 })
        #expect(bench.addresses() == ["10.0.0.1"])
        bench.server.reply = { _, _ in .addresses(["10.0.0.2"], ttl: 1) }
        bench.now += 10 * second
        #expect(bench.run { bench.addresses() == ["10.0.0.2"] })
        #expect(bench.resolver.failingNames == 0)
    }

    /// A try is short here, so that an answer may come too late as well: then the name is asked for again, as it is in
    /// life.
    @Test func silenceOfTheServerKeepsTheLastGoodAnswer() throws {
        let bench = try Bench(tryMilliseconds: 60) { _, _ in .addresses(["10.0.0.1"], ttl: 1) }
        func resolves(to address: String) -> Bool {
            bench.run {
                if bench.resolver.failingNames > 0 { bench.now += 10 * second }
                return bench.addresses() == [address] && bench.resolver.failingNames == 0
            }
        }
        #expect(resolves(to: "10.0.0.1"))
        bench.server.reply = { _, _ in .silence }
        bench.now += 10 * second
        #expect(bench.run { bench.resolver.failingNames == 1 })
        #expect(bench.addresses() == ["10.0.0.1"])
        bench.server.reply = { _, _ in .addresses(["10.0.0.2"], ttl: 1) }
        bench.now += 10 * second
        #expect(resolves(to: "10.0.0.2"))
    }

    @Test func aNameThatDoesNotExistHasNoAddresses() throws {
        let bench = try Bench { _, _ in .noSuchName }
        #expect(bench.run { bench.addresses() == [] })
        #expect(bench.resolver.failingNames == 1)
    }

    /// Each reply is broken in another way; none may crash, none may change what is in use.
    @Test(
        arguments: [
            [], [0x81], [0x81, 0x80, 0, 1, 0, 1], [UInt8](repeating: 0xFF, count: 500),
            // A name that points at itself, in the question and in the answer.
            [
                0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2,
                3, 4,
            ],
            // An address record that claims more bytes than there are.
            [
                0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3, 0x77, 0x65, 0x62, 4, 0x74, 0x65, 0x73, 0x74, 0, 0, 1, 0, 1, 0xC0,
                12, 0,
                1, 0, 1, 0, 0, 0, 9, 0xFF, 0xFF, 1, 2,
            ],
            // More answers than the packet holds.
            [0x81, 0x80, 0, 1, 0xFF, 0xFF, 0, 0, 0, 0, 3, 0x77, 0x65, 0x62, 4, 0x74, 0x65, 0x73, 0x74, 0, 0, 1, 0, 1],
        ] as [[UInt8]])
    func brokenRepliesChangeNothing(bytes: [UInt8]) throws {
        let bench = try Bench(tryMilliseconds: 60) { _, _ in .addresses(["10.0.0.1"], ttl: 1) }
        #expect(
            bench.run {
                if bench.resolver.failingNames > 0 { bench.now += 10 * second }
                return bench.addresses() == ["10.0.0.1"] && bench.resolver.failingNames == 0
            })
        bench.server.reply = { _, _ in .raw(bytes) }
        bench.now += 10 * second
        #expect(bench.run { bench.resolver.failingNames == 1 })
        #expect(bench.addresses() == ["10.0.0.1"])
    }

    @Test func addressesNeedNoServer() throws {
        let bench = try Bench(["10.9.8.7", "::1"]) { _, _ in .silence }
        #expect(bench.addresses("10.9.8.7") == ["10.9.8.7"])
        #expect(bench.addresses("::1") == ["::1"])
        #expect(bench.resolver.nextWake(now: 0) == nil)
    }

    @Test func aClientMayGoWithQuestionsOpen() throws {
        let bench = try Bench { _, _ in .silence }
        _ = bench.resolver.step(now: 0)
        #expect(bench.resolver.nextWake(now: 0) != nil)
    }

    @Test func serversThatAreNoAddressesAreRefused() {
        #expect(throws: DNSClientError.self) { try DNSClient(servers: "not a server") }
    }
}
