import ControlHTTP
import HTTP
import Reactor

/// Collects what becomes of a call.
final class Outcome {
    private(set) var result: Result<HTTPClientResponse, HTTPClientError>?
    private(set) var calls = 0
    var head: HTTPResponseHead?
    var streamed: [UInt8] = []

    func done(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        self.result = result
        calls += 1
    }

    var isDone: Bool { result != nil }
    var response: HTTPClientResponse? { try? result?.get() }
    var body: String? { response.map { String(decoding: $0.body, as: UTF8.self) } }

    var error: HTTPClientError? {
        guard case .failure(let error)? = result else { return nil }
        return error
    }
}

extension HTTPClient {
    func fetch(_ request: HTTPClientRequest, on loop: EventLoop) -> Outcome {
        let outcome = Outcome()
        send(request, done: outcome.done)
        loop.turn { outcome.isDone }
        return outcome
    }

    func get(_ target: String, on loop: EventLoop) -> Outcome { fetch(HTTPClientRequest(.get, target), on: loop) }
}
