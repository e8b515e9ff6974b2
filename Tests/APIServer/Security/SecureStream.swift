import Glibc
import TLS

/// TLS over a blocking socket, on the server's or the client's side.
final class SecureStream: ByteStream, @unchecked Sendable {
    let descriptor: Int32
    private let session: TLSSession
    private var isShaken = false

    init(server context: TLSServerContext, descriptor: Int32) throws(TLSError) {
        session = try TLSSession.server(context, descriptor: descriptor)
        self.descriptor = descriptor
    }

    init(client context: TLSClientContext, descriptor: Int32, serverName: String) throws(TLSError) {
        session = try TLSSession.client(context, descriptor: descriptor, serverName: serverName)
        self.descriptor = descriptor
    }

    /// Nil when the handshake was done; the first read or write does it otherwise.
    func handshake() -> TLSError? {
        guard !isShaken else { return nil }
        while true {
            switch session.handshake() {
            case .done:
                isShaken = true
                return nil
            case .failed(let error): return error
            // The socket blocks, so a step that moved nothing was only interrupted.
            case .wantRead, .wantWrite: continue
            }
        }
    }

    func read() -> [UInt8]? {
        guard handshake() == nil else { return nil }
        var bytes = [UInt8](repeating: 0, count: readSize)
        while true {
            switch bytes.withUnsafeMutableBytes({ session.read(into: $0) }) {
            case .bytes(let count): return count > 0 ? Array(bytes[..<count]) : nil
            case .wantRead, .wantWrite: continue
            case .failed: return nil
            }
        }
    }

    func write(_ bytes: some Collection<UInt8>) -> Bool {
        guard handshake() == nil else { return false }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            switch rest.withUnsafeBytes({ session.write($0) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wantRead, .wantWrite: continue
            case .failed: return false
            }
        }
        return true
    }

    func close() {
        if isShaken { session.shutdown() }
        session.free()
        Glibc.close(descriptor)
    }
}
