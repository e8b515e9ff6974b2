import CLinux
import Glibc
import Testing

@testable import Reactor

@Suite struct PeerTests {
    private func option(_ fd: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(fd, level, name, &value, &length)
        return value
    }

    private func pair() throws -> (listener: Int32, client: Int32, server: Int32) {
        let loopback = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        let listener = try ListeningSocket.open(loopback)
        Socket.setKeepalive(listener, Keepalive(after: 9_500_000_000))
        let address = try #require(Socket.localAddress(listener))
        let client = try Socket.connect(to: address).get()
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 60_000) == 1, "no connection came")
        var peer = SocketAddress.none
        return (listener, client, try #require(Socket.accept(listener, peer: &peer)))
    }

    @Test func whatAListenerAcceptsAsksAsTheListenerDoes() throws {
        let (listener, client, server) = try pair()
        defer { for fd in [listener, client, server] { Socket.close(fd) } }
        #expect(option(server, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 10)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 2)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPCNT) == Keepalive.probes)
        #expect(option(client, SOL_SOCKET, SO_KEEPALIVE) == 0)
    }

    @Test func aUserTimeoutIsSetInMilliseconds() throws {
        let (listener, client, server) = try pair()
        defer { for fd in [listener, client, server] { Socket.close(fd) } }
        Socket.setUserTimeout(client, 20_000_000_000)
        #expect(option(client, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 20_000)
    }

    @Test func aPeerThatTakesNoMoreOwesNoAcknowledgement() throws {
        let (listener, client, server) = try pair()
        defer { for fd in [listener, client, server] { Socket.close(fd) } }
        let chunk = [UInt8](repeating: 0, count: 64 << 10)
        var isFull = false
        while !isFull {
            if case .wouldBlock = chunk.withUnsafeBytes({ Socket.write(client, $0) }) { isFull = true }
        }
        let limit = Clock.now() + 60_000_000_000
        while Socket.unacknowledgedMilliseconds(client) != nil {
            try #require(Clock.now() < limit, "what was sent is still not acknowledged")
            poll(nil, 0, 1)
        }
    }

    @Test(arguments: [
        (0, 0, 0), (1, 1, 1), (5_000_000_000, 5, 1), (30_000_000_000, 30, 6), (UInt64.max, 32_767, 32_767),
    ])
    func timesAreWholeSecondsThatTheKernelTakes(_ silence: UInt64, _ idle: Int32, _ interval: Int32) {
        let keepalive = Keepalive(after: silence)
        #expect(keepalive.idleSeconds == idle && keepalive.intervalSeconds == interval)
    }
}
