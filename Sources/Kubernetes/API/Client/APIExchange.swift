internal import ControlHTTP

/// One request of an `APIClient` and what has come of its answer.
final class APIExchange: APICall {
    struct Stream {
        var opened: () -> Void
        var piece: (ArraySlice<UInt8>) -> Void
    }

    let request: APIRequest
    var inner: HTTPCall?
    /// The server has refused the credentials once.
    var isSecondTry = false
    private var stream: Stream?
    private var done: ((Result<APIResponse, APIError>) -> Void)?
    private var body: [UInt8] = []
    private var lines = LineSplitter(limit: APILimits.eventBytes)
    private var items = JSONElementSplitter(
        elementsOf: "items", limits: .init(element: APILimits.eventBytes, rest: APILimits.listBytes))
    private var messages = WebSocketReader(limit: APILimits.eventBytes)
    private var isOpen = false
    private let isStream: Bool

    init(_ request: APIRequest, stream: Stream?, _ done: @escaping (Result<APIResponse, APIError>) -> Void) {
        self.request = request
        self.stream = stream
        self.done = done
        isStream = stream != nil
    }

    var isEnded: Bool { done == nil }
    /// It lasts, and is silent for as long as nothing changes.
    var isWatch: Bool { isStream && request.pieces == .lines }

    func cancel() {
        done = nil
        stream = nil
        inner?.cancel()
        inner = nil
    }

    /// Once more from the beginning.
    func restart() {
        inner = nil
        body = []
    }

    func began(_ head: HTTPResponseHead) {
        guard isStream, head.status == (request.pieces == .messages ? 101 : 200) else { return }
        isOpen = true
        stream?.opened()
    }

    func received(_ bytes: ArraySlice<UInt8>) {
        if isOpen { return cut(bytes) }
        let limit = isStream ? APILimits.refusalBytes : APILimits.responseBytes
        guard body.count + bytes.count <= limit else { return finish(.failure(.tooLarge(limit))) }
        body += bytes
    }

    /// A piece may make its reader cancel the call: the others are not for it any more.
    private func cut(_ bytes: ArraySlice<UInt8>) {
        switch request.pieces {
        case .lines: lines.feed(bytes) { stream?.piece($0) }
        case .items:
            do throws(JSONSplitDefect) {
                try items.feed(bytes) { stream?.piece($0) }
            } catch {
                switch error {
                case .element(let limit), .rest(let limit): finish(.failure(.tooLarge(limit)))
                }
            }
        case .messages:
            do throws(WebSocketReader.Defect) {
                try messages.feed(bytes) { stream?.piece($0) }
                // What the server has to say is said, whether or not it closes the connection as well.
                if messages.isClosed { finish(.success(APIResponse(status: 101, body: []))) }
            } catch {
                finish(.failure(.invalidResponse("\(error)")))
            }
        }
    }

    func ended(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        switch result {
        case .failure(let error): finish(.failure(Self.convert(error)))
        case .success(let response):
            let body = isOpen ? items.rest : body
            finish(
                .success(APIResponse(status: response.status, body: body, retryAfter: Self.retryAfter(response.head))))
        }
    }

    func finish(_ result: Result<APIResponse, APIError>) {
        let done = done
        cancel()
        done?(result)
    }

    private static func convert(_ error: HTTPClientError) -> APIError {
        switch error.kind {
        case .timedOut: .timedOut
        case .malformed, .invalidRequest: .invalidResponse(error.reason)
        case .lookup, .connect, .closed, .overloaded: .unreachable(error.reason)
        case .clientClosed: .cancelled
        }
    }

    /// Seconds; API servers never write a date.
    private static func retryAfter(_ head: HTTPResponseHead) -> UInt64? {
        guard let text = head.fields["retry-after"], let seconds = UInt32(text) else { return nil }
        return UInt64(seconds) * 1_000_000_000
    }
}
