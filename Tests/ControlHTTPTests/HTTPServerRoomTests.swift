import Glibc
import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// Who gives way when a server has no room for all.
@Suite struct HTTPServerRoomTests {
    private static let size = 60_000

    private func limits(_ change: (inout HTTPServerLimits) -> Void) -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        change(&limits)
        return limits
    }

    /// For one body and a half.
    private var tight: HTTPServerLimits { limits { $0.heldBytes = 90_000 } }

    private func post(_ peer: RawPeer, missing: Int = 0) {
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.size)\r\n\r\n")
        peer.send([UInt8](repeating: 0x61, count: Self.size - missing))
    }

    @Test func theOldestUnfinishedBodyGivesWay() throws {
        let exchange = try Exchange(limits: tight)
        exchange.loop.turn { true }
        post(exchange.peer, missing: 1)
        #expect(
            exchange.loop.turn {
                exchange.peer.poll()
                return exchange.server.heldBytes == Self.size - 1
            })
        let second = try RawPeer(connectingTo: exchange.server.port)
        exchange.loop.turn { exchange.server.connectionCount == 2 }
        post(second)
        #expect(exchange.loop.turn { second.text.hasSuffix("ok\n") })
        #expect(exchange.loop.turn { exchange.peer.isGone })
        #expect(exchange.peer.text.hasPrefix("HTTP/1.1 503") && exchange.requests.count == 1)
        #expect(exchange.server.heldBytes == 0)
    }

    @Test func bodiesCountUntilTheyAreAnswered() throws {
        let exchange = try Exchange(limits: tight) { _, _ in }
        exchange.loop.turn { true }
        post(exchange.peer)
        exchange.loop.turn {
            exchange.peer.poll()
            return exchange.streams.count == 1
        }
        let second = try RawPeer(connectingTo: exchange.server.port)
        exchange.loop.turn { exchange.server.connectionCount == 2 }
        post(second)
        #expect(exchange.loop.turn { second.isGone })
        #expect(second.text.hasPrefix("HTTP/1.1 503") && exchange.requests.count == 1)
        #expect(exchange.server.heldBytes == Self.size)
        exchange.streams[0].respond(.text(200, "done"))
        #expect(exchange.loop.turn { exchange.peer.text.hasSuffix("done\n") })
        exchange.loop.turn { exchange.server.heldBytes == 0 }
        #expect(exchange.server.heldBytes == 0)
    }

    @Test func connectionsThatEndGiveBackWhatTheyHeld() throws {
        let exchange = try Exchange()
        exchange.loop.turn { true }
        post(exchange.peer, missing: 1)
        exchange.loop.turn {
            exchange.peer.poll()
            return exchange.server.heldBytes == Self.size - 1
        }
        exchange.peer.reset()
        #expect(exchange.loop.turn { exchange.server.connectionCount == 0 })
        #expect(exchange.server.heldBytes == 0)
    }

    @Test func oneHostCannotKeepTheOthersOut() throws {
        let exchange = try Exchange(limits: limits { $0.connections = 3 }) { _, _ in }
        var others: [RawPeer] = []
        for count in 1...3 {
            exchange.loop.turn { exchange.server.connectionCount == count }
            if count < 3 { others.append(try RawPeer(connectingTo: exchange.server.port)) }
        }
        for (number, peer) in ([exchange.peer] + others).enumerated() {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            exchange.loop.turn { exchange.streams.count == number + 1 }
        }
        let stranger = try peer(from: "127.0.0.2", to: exchange.server.port)
        stranger.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(
            exchange.loop.turn {
                stranger.poll()
                return exchange.streams.count == 4
            })
        #expect(exchange.peer.isGone && !others[0].isGone && !others[1].isGone && !stranger.isGone)
        // Two and one: who comes now would have no less than the others if it waited.
        let second = try peer(from: "127.0.0.2", to: exchange.server.port)
        #expect(exchange.loop.turn { second.isGone })
        #expect(!others[0].isGone && !others[1].isGone)
    }

    private func peer(from host: String, to port: UInt16) throws -> RawPeer {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let source = try #require(SocketAddress(host: host, port: 0))
        #expect(source.withSockaddr { bind(descriptor, $0, $1) } == 0)
        _ = SocketAddress.loopback(port).withSockaddr { connect(descriptor, $0, $1) }
        return RawPeer(descriptor: descriptor)
    }
}
