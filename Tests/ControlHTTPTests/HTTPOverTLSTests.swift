import HTTP
import Reactor
import TLS
import Testing

@testable import ControlHTTP

@Suite struct HTTPOverTLSTests {
    private let loop: EventLoop
    private let authority: (certificate: [UInt8], key: [UInt8])

    init() throws {
        loop = try EventLoop()
        authority = try CertificateMaker.authority(commonName: "test", days: 1)
    }

    private func context(_ name: String) throws -> TLSServerContext {
        let leaf = try CertificateMaker.leaf(dnsNames: [name], ipAddresses: [], days: 1, authority: authority)
        let identity = try TLSIdentity(certificateChain: leaf.certificate, privateKey: leaf.key)
        return try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
    }

    private func client(_ port: UInt16, name: String = "server.test", roots: [UInt8]? = nil) throws -> HTTPClient {
        let context = try TLSClientContext(roots: .pem(roots ?? authority.certificate), identity: nil)
        return HTTPClient(
            loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: port, tls: context, serverName: name))
    }

    private func server(
        _ context: TLSServerContext, limits: HTTPServerLimits = HTTPServerLimits(),
        handler: @escaping HTTPServer.Handler = { $1.respond(.text(200, "ok")) }
    ) throws -> HTTPServer {
        try HTTPServer(address: .loopback(), loop: loop, tls: { context }, limits: limits, handler: handler)
    }

    @Test func requestsShareOneConnection() throws {
        var peers: Set<SocketAddress> = []
        let server = try server(try context("server.test")) {
            peers.insert($0.peer)
            $1.respond(.text(200, "secret"))
        }
        let client = try client(server.port)
        for _ in 0..<3 { #expect(client.get("/", on: loop).body == "secret\n") }
        #expect(peers.count == 1)
    }

    @Test func aCertificateForAnotherNameIsRefused() throws {
        let server = try server(try context("other.test"))
        let error = try client(server.port).get("/", on: loop).error
        #expect(error?.kind == .connect)
        #expect(error?.reason.hasPrefix("127.0.0.1:\(server.port): TLS handshake: ") == true)
    }

    @Test func anUnknownAuthorityIsRefused() throws {
        let server = try server(try context("server.test"))
        let other = try CertificateMaker.authority(commonName: "stranger", days: 1)
        #expect(try client(server.port, roots: other.certificate).get("/", on: loop).error?.kind == .connect)
    }

    @Test func eachConnectionGetsTheCertificateOfItsDay() throws {
        var current = try context("old.test")
        let server = try HTTPServer(address: .loopback(), loop: loop, tls: { current }) { $1.respond(.text(200, "ok")) }
        #expect(try client(server.port, name: "old.test").get("/", on: loop).body == "ok\n")
        current = try context("server.test")
        #expect(try client(server.port).get("/", on: loop).body == "ok\n")
    }

    @Test func withoutACertificateConnectionsAreClosed() throws {
        let server = try HTTPServer(address: .loopback(), loop: loop, tls: { nil }) { $1.respond(.text(200, "ok")) }
        #expect(try client(server.port).get("/", on: loop).error?.kind == .connect)
        #expect(server.connectionCount == 0)
    }

    @Test func otherTrustIsUsedForNewConnections() throws {
        let server = try server(try context("server.test"))
        let client = try client(server.port)
        #expect(client.get("/", on: loop).body == "ok\n")
        let stranger = try CertificateMaker.authority(commonName: "stranger", days: 1)
        client.use(try TLSClientContext(roots: .pem(stranger.certificate), identity: nil))
        #expect(client.idleConnections == 0)
        #expect(client.get("/", on: loop).error?.kind == .connect)
    }

    @Test func largeBodiesPassBothWays() throws {
        var limits = HTTPServerLimits()
        limits.bodyBytes = 8 << 20
        let server = try server(try context("server.test"), limits: limits) { request, stream in
            stream.respond(HTTPAnswer(status: 200, body: [request.body[...]]))
        }
        let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let outcome = try client(server.port).fetch(HTTPClientRequest(.post, "/", body: body), on: loop)
        #expect(outcome.response?.body == body)
    }

    @Test func manySmallPiecesArriveInOrderAfterAPause() throws {
        let server = try server(try context("server.test")) {
            $1.respond(HTTPAnswer(status: 200, body: (0..<200_000).map { Array("\($0 % 10)".utf8)[...] }))
        }
        let client = try client(server.port)
        let outcome = Outcome()
        var call: HTTPCall?
        call = client.send(
            HTTPClientRequest(.get, "/"),
            onBody: {
                outcome.streamed += $0
                call?.pause()
            }, done: outcome.done)
        while !outcome.isDone {
            let before = outcome.streamed.count
            guard loop.turn(until: { outcome.streamed.count > before || outcome.isDone }) else { break }
            call?.resume()
        }
        #expect(outcome.streamed == (0..<200_000).map { UInt8(ascii: "0") + UInt8($0 % 10) })
    }

    @Test func whoDoesNotShakeHandsIsLetGo() throws {
        var limits = HTTPServerLimits()
        limits.handshakeTimeout = 30 * millisecond
        let server = try server(try context("server.test"), limits: limits)
        let silent = try RawPeer(connectingTo: server.port)
        #expect(loop.turn { silent.isGone })
        #expect(server.connectionCount == 0)
    }

    @Test func whoSpeaksAnotherProtocolIsLetGo() throws {
        let server = try server(try context("server.test"))
        let plain = try RawPeer(connectingTo: server.port)
        loop.turn { server.connectionCount == 1 }
        plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(loop.turn { plain.isGone })
        #expect(!plain.text.contains("200") && server.connectionCount == 0)
    }

    @Test func aServerThatDoesNotShakeHandsIsGivenUp() throws {
        let silent = try ScriptedServer()
        let context = try TLSClientContext(roots: .pem(authority.certificate), identity: nil)
        var limits = HTTPClientLimits()
        limits.handshakeTimeout = 30 * millisecond
        let client = HTTPClient(
            loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: silent.port, tls: context), limits: limits)
        let error = client.get("/", on: loop).error
        #expect(error?.kind == .connect && error?.reason.contains("no answer in time") == true)
    }

    @Test func aStreamWhoseClientLeavesIsClosed() throws {
        var closed = 0
        let server = try server(try context("server.test")) { _, stream in
            stream.onClose = { closed += 1 }
            stream.begin(status: 200, fields: [:])
        }
        let client = try client(server.port)
        var heads = 0
        let call = client.send(HTTPClientRequest(.get, "/"), onHead: { _ in heads += 1 }, onBody: { _ in }) { _ in }
        loop.turn { heads == 1 }
        call.cancel()
        #expect(loop.turn { closed == 1 })
    }
}
