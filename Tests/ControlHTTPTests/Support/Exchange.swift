import HTTP
import Reactor

@testable import ControlHTTP

/// A server, its loop, and a peer that talks to it byte by byte.
final class Exchange {
    let loop: EventLoop
    let server: HTTPServer
    let peer: RawPeer
    /// Requests that the handler has got.
    private(set) var requests: [HTTPServerRequest] = []
    private(set) var streams: [HTTPServerStream] = []

    init(
        limits: HTTPServerLimits = HTTPServerLimits(),
        handler: @escaping HTTPServer.Handler = { $1.respond(.text(200, "ok")) }
    ) throws {
        loop = try EventLoop()
        let box = Box()
        server = try HTTPServer(address: .loopback(), loop: loop, limits: limits) { box.handler($0, $1) }
        peer = try RawPeer(connectingTo: server.port)
        box.handler = { [unowned self] request, stream in
            requests.append(request)
            streams.append(stream)
            handler(request, stream)
        }
    }

    private final class Box {
        var handler: HTTPServer.Handler = { _, _ in }
    }

    /// The peer sends, and reads until something holds of what it has got.
    func say(_ text: String, until isReached: (String) -> Bool) -> String {
        loop.turn { true }
        peer.send(text)
        loop.turn { isReached(peer.text) || peer.isGone }
        return peer.text
    }

    /// The peer sends, and reads until the server ends the connection.
    func say(_ text: String) -> String { say(text) { _ in false } }
}
