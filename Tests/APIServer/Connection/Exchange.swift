import Foundation
import Glibc

/// One connection's requests, one after the other, on a thread of its own.
struct Exchange {
    let stream: any ByteStream
    let state: Monitor<ServerState>

    func run() {
        var reader = RequestReader(stream)
        while true {
            let request: HTTPRequest
            do throws(RequestDefect) {
                guard let next = try reader.next() else { return }
                request = next
            } catch {
                _ = stream.write(
                    HTTPResponse(status: error.status, text: error.reason).bytes(keepsConnection: false))
                return
            }
            guard answer(request), request.keepsConnection else { return }
        }
    }

    /// False when the connection ends with this request.
    private func answer(_ request: HTTPRequest) -> Bool {
        let (number, fault) = state.change { state in
            let number = state.log.begin(request)
            let line = state.log.requests.last?.line ?? ""
            return (number, state.faults.take(method: request.method, line: line))
        }
        switch fault?.effect {
        case .status(let problem): return send(HTTPResponse(problem), request, number)
        case .body(let bytes): return send(HTTPResponse(status: 200, body: bytes), request, number)
        case .refuse: return false
        case .hang:
            hang(in: fault?.number ?? 0)
            return false
        case .delay(let milliseconds): pause(milliseconds)
        case .loseAnswer, .cutAnswer, nil: break
        }
        let response: HTTPResponse
        switch Handler(state: state, request: request).outcome() {
        case .response(let answer): response = answer
        case .watch(let watch):
            state.change { $0.log.end(number, status: 200) }
            return watch.run(on: stream, state)
        }
        switch fault?.effect {
        case .loseAnswer: return false
        case .cutAnswer(let count):
            _ = stream.write(response.bytes(keepsConnection: true).prefix(count))
            return false
        default: return send(response, request, number)
        }
    }

    private func send(_ response: HTTPResponse, _ request: HTTPRequest, _ number: Int) -> Bool {
        state.change { $0.log.end(number, status: response.status) }
        return stream.write(response.bytes(keepsConnection: request.keepsConnection))
    }

    /// Until the fault is taken away, the server stops or the client leaves.
    private func hang(in fault: Int) {
        while state.read({ $0.faults.contains(fault) && !$0.isStopping }) {
            var poller = pollfd(descriptor: stream.descriptor)
            // Looks at the client as often as at the fault.
            if poll(&poller, 1, 10) > 0 { return }
        }
    }

    private func pause(_ milliseconds: Int) {
        _ = state.wait(until: Date(timeIntervalSinceNow: Double(milliseconds) / 1000)) { $0.isStopping }
    }
}

extension pollfd {
    /// To be polled for reading.
    init(descriptor: Int32) { self.init(fd: descriptor, events: Int16(POLLIN), revents: 0) }
}
