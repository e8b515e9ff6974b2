import Glibc
import TLS

/// A client and a server over a socket pair, both non-blocking and driven by the one thread of the test.
final class SessionPair {
    let client: TLSSession
    let server: TLSSession
    let clientDescriptor: Int32
    let serverDescriptor: Int32
    private(set) var clientError: TLSError?
    private(set) var serverError: TLSError?

    /// Turns after which a test that makes no progress is given up.
    private static let mostTurns = 100_000

    init(_ client: TLSClientContext, _ server: TLSServerContext, name: String) throws {
        var descriptors: [Int32] = [-1, -1]
        guard
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &descriptors)
                == 0
        else {
            throw TLSError("socketpair", reason: String(errno))
        }
        // Whatever the machine's default is, megabytes do not fit.
        var room: Int32 = 65_536
        for descriptor in descriptors {
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        }
        clientDescriptor = descriptors[0]
        serverDescriptor = descriptors[1]
        self.client = try TLSSession.client(client, descriptor: clientDescriptor, serverName: name)
        self.server = try TLSSession.server(server, descriptor: serverDescriptor)
    }

    deinit {
        client.free()
        server.free()
        close(clientDescriptor)
        close(serverDescriptor)
    }

    /// Whether both sides are done; the failures of those that are not are kept.
    func handshake() -> Bool {
        var isClientDone = false
        var isServerDone = false
        for _ in 0..<SessionPair.mostTurns {
            if !isClientDone, clientError == nil { isClientDone = step(client, &clientError) }
            if !isServerDone, serverError == nil { isServerDone = step(server, &serverError) }
            if isClientDone && isServerDone { return settle() }
            if (isClientDone || clientError != nil) && (isServerDone || serverError != nil) { break }
            // Nothing can come any more from a side that has failed and said so.
            if serverError != nil, isClientDone { break }
        }
        if isClientDone { _ = settle() }
        return false
    }

    /// In TLS 1.3 the client is done before the server has judged its certificate: the first read brings the verdict.
    private func settle() -> Bool {
        var byte: [UInt8] = [0]
        if case .failed(let error) = byte.withUnsafeMutableBytes({ client.read(into: $0) }) {
            clientError = error
            return false
        }
        return true
    }

    private func step(_ session: TLSSession, _ error: inout TLSError?) -> Bool {
        switch session.handshake() {
        case .done: return true
        case .wantRead, .wantWrite: return false
        case .failed(let reason):
            error = reason
            return false
        }
    }

    struct Transfer {
        var received: [UInt8] = []
        var wantReads = 0
        var wantWrites = 0
        var failure: TLSError?
    }

    /// Sends everything from one side to the other, in turns of one call each.
    func transfer(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession) -> Transfer {
        var result = Transfer()
        var sent = 0
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while result.received.count < bytes.count, result.failure == nil {
            // A copy of the rest: what is repeated stands at another address.
            if sent < bytes.count {
                switch Array(bytes[sent...]).withUnsafeBytes({ sender.write($0) }) {
                case .bytes(let count):
                    sent += count
                    continue
                case .wantRead: result.wantReads += 1
                case .wantWrite: result.wantWrites += 1
                case .failed(let error): result.failure = error
                }
            }
            reading: while true {
                switch buffer.withUnsafeMutableBytes({ receiver.read(into: $0) }) {
                case .bytes(0):
                    result.failure = TLSError("ended")
                    break reading
                case .bytes(let count): result.received += buffer[..<count]
                case .wantRead:
                    result.wantReads += 1
                    break reading
                case .wantWrite:
                    result.wantWrites += 1
                    break reading
                case .failed(let error):
                    result.failure = error
                    break reading
                }
            }
        }
        return result
    }
}

/// Certificates of the tests, made once.
enum Certificates {
    static let authority = try? CertificateMaker.authority(commonName: "weir tests", days: 1)
    static let stranger = try? CertificateMaker.authority(commonName: "someone else", days: 1)

    static func identity(
        _ dnsNames: [String], addresses: [String] = [], days: Int = 1,
        by authority: (certificate: [UInt8], key: [UInt8])? = Certificates.authority
    ) throws -> TLSIdentity {
        let made = try pair(dnsNames, addresses: addresses, days: days, by: authority)
        return try TLSIdentity(certificateChain: made.certificate, privateKey: made.key)
    }

    static func pair(
        _ dnsNames: [String], addresses: [String] = [], days: Int = 1,
        by authority: (certificate: [UInt8], key: [UInt8])? = Certificates.authority
    ) throws -> (certificate: [UInt8], key: [UInt8]) {
        guard let authority else { throw TLSError("no authority") }
        return try CertificateMaker.leaf(
            dnsNames: dnsNames, ipAddresses: addresses, days: days, authority: authority)
    }

    static func client(
        trusting authority: (certificate: [UInt8], key: [UInt8])? = Certificates.authority,
        identity: TLSIdentity? = nil,
        verification: TLSClientContext.Verification = .full, alpn: [String] = []
    ) throws -> TLSClientContext {
        try TLSClientContext(
            roots: .pem(authority?.certificate ?? []), identity: identity, verification: verification, alpn: alpn)
    }
}
