/// Where one request is answered: whole with `respond`, or with `begin`, any number of `write`, and `finish`; at any
/// time, on the loop's thread. Once the exchange has ended, calls do nothing.
package final class HTTPServerStream {
    private enum State {
        case waiting
        case streaming(chunked: Bool)
        /// Everything is written, not everything sent.
        case finished
        case ended
    }

    /// The connection, as long as the exchange lasts.
    private var connection: ServerConnection?
    private let isHead: Bool
    private let understandsChunks: Bool
    private var state = State.waiting
    private let limit: Int

    /// Called once when the exchange has ended: answered and sent, or cut off because the peer is gone or too slow.
    package var onClose: (() -> Void)?
    /// Called when everything that was written so far has been sent.
    package var onDrain: (() -> Void)?

    init(connection: ServerConnection, isHead: Bool, understandsChunks: Bool, limit: Int) {
        self.connection = connection
        self.isHead = isHead
        self.understandsChunks = understandsChunks
        self.limit = limit
    }

    /// Bytes that wait for the peer to take them.
    package var bufferedBytes: Int { connection?.bufferedBytes ?? 0 }

    package var isEnded: Bool {
        if case .ended = state { return true }
        return false
    }

    var isFinished: Bool {
        if case .finished = state { return true }
        return false
    }

    var isStreaming: Bool {
        if case .streaming = state { return true }
        return false
    }

    // MARK: Answering

    /// The whole answer. HEAD gets its head only, 1xx, 204 and 304 have no content.
    package func respond(_ answer: HTTPAnswer) {
        guard case .waiting = state, let connection else { return }
        let hasContent = answer.status >= 200 && answer.status != 204 && answer.status != 304
        let length = answer.body.reduce(0) { $0 + $1.count }
        state = .finished
        connection.send(head(answer.status, answer.fields, hasContent ? "content-length: \(length)\r\n" : ""))
        guard hasContent, !isHead else { return }
        for piece in answer.body { connection.send(piece) }
    }

    /// Begins an answer that goes on: chunked, or up to the connection's end for a peer of HTTP/1.0.
    package func begin(status: Int, fields: HTTPFields) {
        guard case .waiting = state, let connection else { return }
        if !understandsChunks { connection.endAfterAnswer() }
        state = isHead ? .finished : .streaming(chunked: understandsChunks)
        connection.send(head(status, fields, understandsChunks ? "transfer-encoding: chunked\r\n" : ""))
    }

    /// Goes on with an answer that was begun. False when the exchange has ended, or ends with this: the peer has left
    /// more than the limit allows untaken.
    @discardableResult
    package func write(_ chunk: HTTPChunk) -> Bool {
        guard case .streaming(let chunked) = state else { return false }
        return send(chunked ? [chunk.whole] : [chunk.payload], chunk.payload.count)
    }

    /// The pieces, in order, as one chunk.
    @discardableResult
    package func write(_ pieces: [ArraySlice<UInt8>]) -> Bool {
        guard case .streaming(let chunked) = state else { return false }
        let length = pieces.reduce(0) { $0 + $1.count }
        guard length > 0 else { return true }
        return send(chunked ? [HTTPChunk.header(length)[...]] + pieces + [HTTPChunk.trailer[...]] : pieces, length)
    }

    /// Ends an answer that was begun.
    package func finish() {
        guard case .streaming(let chunked) = state, let connection else { return }
        state = .finished
        if chunked { connection.send(HTTPChunk.last[...]) } else { connection.sendSoon() }
    }

    /// Cuts the connection, so that the peer cannot take what it has for a whole answer.
    package func abort() { connection?.abort() }

    private func send(_ pieces: [ArraySlice<UInt8>], _ length: Int) -> Bool {
        guard let connection else { return false }
        guard connection.bufferedBytes + length <= limit || connection.bufferedBytes == 0 else {
            connection.abort()
            return false
        }
        for piece in pieces { connection.send(piece) }
        return true
    }

    private func head(_ status: Int, _ fields: HTTPFields, _ framing: String) -> ArraySlice<UInt8> {
        let ends = connection?.endsAfterAnswer == true ? "connection: close\r\n" : ""
        return ServerConnection.head(status, fields.lines + framing + ends)[...]
    }

    // MARK: What the connection tells

    func drained() { onDrain?() }

    func ended() {
        guard !isEnded else { return }
        state = .ended
        connection = nil
        onDrain = nil
        let onClose = onClose
        self.onClose = nil
        onClose?()
    }
}
