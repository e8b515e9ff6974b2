import Glibc
import TLS

/// A TCP stream of a test inside TLS.
final class TLSStream: TCPStream, @unchecked Sendable {
    private var session: TLSSession?

    /// Connects and shakes hands; the error of a handshake that fails is a `TLSError`.
    ///
    /// - Parameters:
    ///   - name: the SNI, and what the certificate is verified for.
    ///   - isCorked: the kernel holds small segments back, until `cork(false)`, so that what follows travels with them.
    ///   - context: by default one that trusts the tests' authority.
    init(
        port: Int, name: String, context: TLSClientContext? = nil, receiveBuffer: Int32? = nil, isCorked: Bool = false
    ) throws {
        try super.init(port: port, receiveBuffer: receiveBuffer)
        if isCorked { cork(true) }
        let flags = fcntl(descriptor, F_GETFL)
        guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw Failure.system("fcntl") }
        let client = try context ?? TestCertificates.client()
        let session = try TLSSession.client(client, descriptor: descriptor, serverName: name)
        self.session = session
        let deadline = Clock.now() + patience
        while true {
            switch session.handshake() {
            case .done: return
            case .failed(let error): throw error
            case .wantRead: try wait(POLLIN, until: deadline)
            case .wantWrite: try wait(POLLOUT, until: deadline)
            }
        }
    }

    /// The common name of the certificate that the server has shown.
    var certificate: String? { session?.peerCommonName }
    var applicationProtocol: String? { session?.negotiatedProtocol }

    override func send(_ bytes: [UInt8]) throws {
        guard let session else { throw Failure("the stream is closed") }
        let deadline = Clock.now() + patience
        var sent = 0
        while sent < bytes.count {
            switch bytes[sent...].withUnsafeBytes({ session.write($0) }) {
            case .bytes(let count): sent += count
            case .wantRead: try wait(POLLIN, until: deadline)
            case .wantWrite: try wait(POLLOUT, until: deadline)
            case .failed(let error): throw error
            }
        }
    }

    override func receiveMore(_ limit: Int, within time: Int) throws -> (bytes: [UInt8], end: End?) {
        guard let session else { throw Failure("the stream is closed") }
        let deadline = Clock.now() + time
        var room = [UInt8](repeating: 0, count: limit)
        while true {
            switch room.withUnsafeMutableBytes({ session.read(into: $0) }) {
            case .bytes(0): return ([], .closed)
            case .bytes(let count): return (Array(room.prefix(count)), nil)
            case .wantRead: try wait(POLLIN, until: deadline)
            case .wantWrite: try wait(POLLOUT, until: deadline)
            // Without close_notify what came may be cut off, as by a reset.
            case .failed: return ([], .reset)
            }
        }
    }

    func cork(_ isCorked: Bool) {
        var value: Int32 = isCorked ? 1 : 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// close_notify, and the TCP stream stays open.
    func endWithoutFIN() { session?.shutdown() }

    /// Ends the sending direction in order.
    override func shutdownWrite() {
        session?.shutdown()
        super.shutdownWrite()
    }

    override func close() {
        session?.free()
        session = nil
        super.close()
    }

    private func wait(_ events: Int32, until deadline: Int) throws {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&entry, 1, Int32(max(0, deadline - Clock.now()))) > 0 else {
            throw Failure("nothing received in time")
        }
    }
}

/// An authority of the tests and what it vouches for.
enum TestCertificates {
    private static let authority = Result { try CertificateMaker.authority(commonName: "weir tests", days: 2) }

    static func pair(_ dnsNames: String..., days: Int = 1) throws -> (certificate: [UInt8], key: [UInt8]) {
        try CertificateMaker.leaf(dnsNames: dnsNames, ipAddresses: [], days: days, authority: authority.get())
    }

    static var authorityPEM: [UInt8] { get throws { try authority.get().certificate } }

    static func client(
        alpn: [String] = [], verification: TLSClientContext.Verification = .full
    ) throws -> TLSClientContext {
        try TLSClientContext(
            roots: .pem(authorityPEM), identity: nil, verification: verification, alpn: alpn)
    }
}

extension GatewayUnderTest {
    /// A connection to the HTTPS listeners, which the tests have on port 8080.
    func connectTLS(
        _ name: String = "shop.test", context: TLSClientContext? = nil, receiveBuffer: Int32? = nil
    ) throws -> TLSStream {
        try TLSStream(port: ports.second, name: name, context: context, receiveBuffer: receiveBuffer)
    }

    /// A gateway with a plain and an HTTPS listener, the latter for `shop.test`, in front of one backend.
    convenience init(
        overTLSTo backend: TestBackend, rules: String? = nil, flags: [String] = [], workers: Int = 1
    ) throws {
        try self.init(
            Manifest.gateway(
                "- {name: web, protocol: HTTP, port: 80}\n" + Manifest.https("secure", secrets: "shop-tls")),
            Manifest.secret("shop-tls", try TestCertificates.pair("shop.test")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", rules ?? Manifest.everything(to: "app")), flags: flags, workers: workers)
    }
}
