internal import Reactor
internal import TLS
internal import Telemetry

/// Where a Gateway's listeners end TLS: from an accepted connection to one whose requests can be read.
extension Worker {
    /// The certificates are those of the snapshot at this moment; the session keeps them for as long as it lives.
    func beginHandshake(_ index: Int32) {
        let connection = connections[index]
        guard let context = snapshots.newest?.tls.context(connection.pointee.frontendPort),
            let session = try? TLSSession.server(context, descriptor: connection.pointee.fd)
        else {
            shard.add(.tlsHandshakeFailures)
            closeConnection(index)
            return
        }
        connection.pointee.tls = session
        noteSession(connection, Worker.handshakeBytes)
        connection.pointee.phase = .handshaking
        connection.pointee.headStarted = now
        arm(index)
    }

    /// Goes on with what the socket has; whatever the handshake waits for, an event of the socket brings it back here.
    func continueHandshake(_ index: Int32) {
        let connection = connections[index]
        guard let session = connection.pointee.tls else { return }
        switch session.handshake() {
        case .wantRead, .wantWrite:
            noteSession(connection, Worker.handshakeBytes + UInt32(clamping: session.receivedBytes))
        case .failed(let error): handshakeFailed(index, error)
        case .done:
            shard.add(.tlsHandshakes)
            noteSession(connection, Worker.sessionBytes)
            connection.pointee.headStarted = 0
            connection.pointee.lastActivity = now
            // The first request may have come with the handshake's end, and be inside the session already.
            connection.pointee.flags.insert(.readable)
            enterGateway(index)
            serveClient(index)
        }
    }

    /// The session has told the client why, if it could. What the client has sent beyond that is read and dropped, else
    /// a reset would overtake the alert.
    private func handshakeFailed(_ index: Int32, _ error: TLSError) {
        let connection = connections[index]
        shard.add(.tlsHandshakeFailures)
        Log.debug("worker", "client \(connection.pointee.remote), port \(connection.pointee.frontendPort): \(error)")
        freeSession(connection)
        connection.pointee.headStarted = 0
        if error.isPlainHTTP { answerPlainHTTP(index) } else { endClient(index) }
    }

    func handshakeTimedOut(_ index: Int32) {
        let connection = connections[index]
        shard.add(.tlsHandshakeTimeouts)
        Log.debug(
            "worker",
            "client \(connection.pointee.remote), port \(connection.pointee.frontendPort): TLS handshake took too long")
        closeConnection(index)
    }
}
