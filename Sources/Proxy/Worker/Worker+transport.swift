internal import Glibc
internal import Reactor
internal import TLS

/// The one pair of functions through which connections read and write, plain or over TLS. Both sorts answer alike, so
/// that nothing behind them knows which it is.
extension Worker {
    /// Reads as much as there is and as fits. Fewer bytes than there is room for mean that there are no more for now,
    /// unless the connection is marked as `peerClosed`.
    @inline(__always)
    func receive(
        _ connection: UnsafeMutablePointer<Connection>, into buffer: UnsafeMutableRawBufferPointer
    ) -> IOResult {
        guard let tls = connection.pointee.tls else { return Socket.read(connection.pointee.fd, into: buffer) }
        return receive(tls, connection, into: buffer)
    }

    /// Writes as much as is taken of two stretches in order. What was not taken is offered again first, unchanged.
    @inline(__always)
    func transmit(
        _ connection: UnsafeMutablePointer<Connection>, _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> IOResult {
        guard let tls = connection.pointee.tls else { return Socket.write(connection.pointee.fd, first, second) }
        return transmit(tls, first, second)
    }

    /// Ends our sending direction: the peer reads an orderly end. False when the socket is too full to say so.
    func endOutput(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
        if let tls = connection.pointee.tls, !tls.shutdown() { return false }
        Socket.shutdownWrite(connection.pointee.fd)
        return true
    }

    /// Ends the connection's use of TLS; what is still read is what the socket has.
    @inline(__always)
    func freeSession(_ connection: UnsafeMutablePointer<Connection>) {
        guard let tls = connection.pointee.tls else { return }
        connection.pointee.tls = nil
        noteSession(connection, 0)
        tls.free()
    }

    /// Record by record until the session has no more: the socket says nothing of what has been decrypted or read
    /// ahead.
    @inline(never)
    private func receive(
        _ tls: TLSSession, _ connection: UnsafeMutablePointer<Connection>, into buffer: UnsafeMutableRawBufferPointer
    ) -> IOResult {
        var filled = 0
        while filled < buffer.count {
            switch tls.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])) {
            case .bytes(let count) where count > 0:
                filled += count
            // `wantWrite`: an answer of the protocol's own is in the way. Any event of the socket lets reading go on.
            case .wantRead, .wantWrite:
                return filled > 0 ? .bytes(filled) : .wouldBlock
            case .bytes:
                return ended(connection, filled, .bytes(0))
            case .failed:
                return ended(connection, filled, .failed(EPROTO))
            }
        }
        return .bytes(filled)
    }

    /// The end, or the failure, is told by the next read when bytes came before it.
    private func ended(
        _ connection: UnsafeMutablePointer<Connection>, _ filled: Int, _ end: IOResult
    ) -> IOResult {
        guard filled > 0 else { return end }
        connection.pointee.flags.insert(.peerClosed)
        return .bytes(filled)
    }

    @inline(never)
    private func transmit(
        _ tls: TLSSession, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> IOResult {
        let result = transmit(tls, first)
        guard case .bytes(first.count) = result, !second.isEmpty else { return result }
        switch transmit(tls, second) {
        case .bytes(let count): return .bytes(first.count + count)
        case .wouldBlock: return first.isEmpty ? .wouldBlock : result
        case .failed(let code): return .failed(code)
        }
    }

    private func transmit(_ tls: TLSSession, _ bytes: UnsafeRawBufferPointer) -> IOResult {
        var sent = 0
        while sent < bytes.count {
            switch tls.write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
            case .bytes(let count): sent += count
            case .wantRead, .wantWrite: return sent > 0 ? .bytes(sent) : .wouldBlock
            case .failed: return .failed(EPROTO)
            }
        }
        return .bytes(sent)
    }
}
