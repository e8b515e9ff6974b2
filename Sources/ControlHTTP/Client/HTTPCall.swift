internal import Reactor

/// A request under way, from `HTTPClient.send` to its response. Its closures are never called before `send` has
/// returned, nor after `done` or `cancel`.
package final class HTTPCall {
    enum Stage {
        /// For a turn of the loop, a connection, or the host's addresses.
        case waiting
        case connecting(Connector)
        case open(ClientConnection)
        case ended
    }

    let request: HTTPClientRequest
    var stage = Stage.waiting
    /// It counts among the client's requests under way.
    var holdsConnection = false
    /// It was sent on a connection that had been kept open and was closed; the next one is a new one.
    var isSecondTry = false
    private(set) var isPaused = false

    private var onHead: ((HTTPResponseHead) -> Void)?
    private var onBody: ((ArraySlice<UInt8>) -> Void)?
    private var done: ((Result<HTTPClientResponse, HTTPClientError>) -> Void)?
    private weak var client: HTTPClient?
    private let loop: EventLoop
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var deadline: EventTimer?

    init(
        _ request: HTTPClientRequest, client: HTTPClient, onHead: ((HTTPResponseHead) -> Void)?,
        onBody: ((ArraySlice<UInt8>) -> Void)?, done: @escaping (Result<HTTPClientResponse, HTTPClientError>) -> Void
    ) {
        self.request = request
        self.client = client
        loop = client.loop
        self.onHead = onHead
        self.onBody = onBody
        self.done = done
        if request.totalTimeout > 0 {
            let endpoint = client.endpoint.description
            deadline = loop.after(request.totalTimeout) { [weak self] in
                self?.fail(HTTPClientError(.timedOut, "\(endpoint): no whole answer in time"))
            }
        }
    }

    var isEnded: Bool {
        if case .ended = stage { return true }
        return false
    }

    /// Ends the call and frees what it holds. May be called at any time, in its own closures too.
    package func cancel() { end() }

    /// No more of the body is read until `resume`; the peer feels it when the socket's buffers are full.
    package func pause() {
        isPaused = true
        if case .open(let connection) = stage { connection.pauseChanged() }
    }

    package func resume() {
        isPaused = false
        if case .open(let connection) = stage { connection.pauseChanged() }
    }

    // MARK: What the connection tells

    func received(_ head: HTTPResponseHead) {
        self.head = head
        onHead?(head)
    }

    /// False when there is more of the body than may be collected.
    func received(_ bytes: ArraySlice<UInt8>, limit: Int) -> Bool {
        if let onBody {
            onBody(bytes)
            return true
        }
        guard body.count + bytes.count <= limit else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    func succeed() {
        guard let head else { return }
        let response = HTTPClientResponse(head: head, body: body)
        let done = done
        end()
        done?(.success(response))
    }

    func fail(_ error: HTTPClientError) {
        let done = done
        end()
        done?(.failure(error))
    }

    private func end() {
        guard !isEnded else { return }
        let last = stage
        stage = .ended
        onHead = nil
        onBody = nil
        done = nil
        body = []
        if let deadline { loop.cancel(deadline) }
        switch last {
        case .connecting(let connector): connector.cancel()
        case .open(let connection): connection.callEnded()
        case .waiting, .ended: break
        }
        client?.ended(self)
    }
}
