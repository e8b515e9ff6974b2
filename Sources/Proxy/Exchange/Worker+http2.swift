internal import HTTP
internal import Reactor

/// Clients that speak HTTP/2 with prior knowledge, which is not spoken here. A refusal that their callers get to see is
/// an answer to a request, and some send none before they have the server's settings.
extension Worker {
    /// Takes what a client has sent so far, beginning as HTTP/2's preface does; true when there may be more to read at
    /// once.
    func refuseHTTP2(_ index: Int32, _ bytes: UnsafeRawBufferPointer, isFresh: Bool) -> Bool {
        switch HTTP2Opening(bytes) {
        case .otherProtocol:
            refuse(index, .unsupportedVersion)
            return false
        case .prefaceIncomplete:
            connections[index].pointee.scanned = 0
            return awaitRestOfHead(index, bytes, isFresh: isFresh)
        case .requestAwaited:
            return greetHTTP2(index) && awaitRestOfHead(index, bytes, isFresh: isFresh)
        case .request(let stream):
            if greetHTTP2(index) { refuse(index, .http2PriorKnowledge, stream: stream) }
            return false
        case .violation:
            if greetHTTP2(index) { refuse(index, .http2PriorKnowledge) }
            return false
        }
    }

    /// Sends the server's settings, once; false when the connection is gone.
    private func greetHTTP2(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard !connection.pointee.flags.contains(.http2) else { return true }
        connection.pointee.flags.insert(.http2)
        var writer = ByteWriter(answers)
        HTTP2Refusal.writeSettings(into: &writer)
        guard case .failed = send(index, writer.written) else { return true }
        closeConnection(index)
        return false
    }
}
