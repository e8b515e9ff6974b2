import Glibc

/// A connection's bytes, with or without TLS; reading and writing block.
protocol ByteStream: AnyObject, Sendable {
    /// The socket, to poll and to shut down from another thread.
    var descriptor: Int32 { get }
    /// At least one byte; nil when the stream has ended or broken.
    func read() -> [UInt8]?
    /// False when the stream has broken.
    func write(_ bytes: some Collection<UInt8>) -> Bool
    /// Says good-bye if the protocol has a way to, and frees everything.
    func close()
}

/// Bytes asked of the system at a time.
let readSize = 64 << 10

final class PlainStream: ByteStream {
    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    func read() -> [UInt8]? {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: readSize) { buffer, count in
            var got = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            while got < 0, errno == EINTR { got = recv(descriptor, buffer.baseAddress, buffer.count, 0) }
            count = max(got, 0)
            failed = got <= 0
        }
        return failed ? nil : bytes
    }

    func write(_ bytes: some Collection<UInt8>) -> Bool {
        let done = bytes.withContiguousStorageIfAvailable { send(UnsafeRawBufferPointer($0)) }
        return done ?? Array(bytes).withUnsafeBytes { send($0) }
    }

    func close() { Glibc.close(descriptor) }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.send(
                descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }
}
