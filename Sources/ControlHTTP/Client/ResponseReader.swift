internal import HTTP

/// One response, read from the bytes as they come. Knows no socket.
struct ResponseReader {
    enum Step {
        case needMore
        /// Framing, or an interim response.
        case skip(Int)
        case head(HTTPResponseHead, length: Int)
        case data(Range<Int>)
        /// The response is whole; the next one begins after so many bytes.
        case end(Int)
        case invalid(String)
    }

    private enum State {
        case head(scanned: Int)
        case body(BodyDecoder)
        case ended
    }

    private let method: HTTPMethod
    private let limits: HTTP1Limits
    private var state = State.head(scanned: 0)
    private var interims = 0
    /// The connection may carry another request after this response.
    private(set) var keepsAlive = false

    /// More interim responses than this are no answer but a way to keep a client waiting.
    private static let maximumInterims = 16

    init(method: HTTPMethod, limits: HTTP1Limits) {
        self.method = method
        self.limits = limits
    }

    /// Looks at `rest`, the received bytes from the first that was not taken on. `parser` is for this call only.
    mutating func next(_ rest: UnsafeRawBufferPointer, parser: ResponseHead) -> Step {
        switch state {
        case .head(let scanned): return unsafe readHead(rest, scanned, parser)
        case .body(var decoder):
            let step = unsafe decoder.consume(rest)
            state = .body(decoder)
            return bodyStep(step, decoder)
        case .ended: return .end(0)
        }
    }

    private mutating func readHead(_ rest: UnsafeRawBufferPointer, _ known: Int, _ parser: ResponseHead) -> Step {
        var scanned = known
        switch unsafe parser.parse(rest, method: method, limits: limits, scanned: &scanned) {
        case .incomplete:
            state = .head(scanned: scanned)
            return .needMore
        case .invalid(let rejection): return .invalid("\(rejection.reason)")
        case .complete(let length):
            if parser.isSwitchingProtocols { return .invalid("101 without an Upgrade in the request") }
            if parser.isInterim {
                interims += 1
                state = .head(scanned: 0)
                return interims > ResponseReader.maximumInterims
                    ? .invalid("too many interim responses") : .skip(length)
            }
            keepsAlive = parser.keepAlive
            state = .body(BodyDecoder(parser.body, limits: limits))
            return unsafe .head(
                HTTPResponseHead(status: parser.status, fields: HTTPFields(parser.fields, in: rest)), length: length)
        }
    }

    private mutating func bodyStep(_ step: BodyStep, _ decoder: BodyDecoder) -> Step {
        switch step {
        case .needMore: return .needMore
        case .skip(let count): return .skip(count)
        case .data(let range): return .data(range)
        case .end(let consumed, _):
            state = .ended
            return .end(consumed)
        case .invalid(let rejection): return .invalid("\(rejection.reason)")
        }
    }

    /// The peer has ended the connection: whether the response is whole.
    mutating func endOfInput() -> Bool {
        keepsAlive = false
        switch state {
        case .head: return false
        case .ended: return true
        case .body(var decoder): return decoder.endOfInput()
        }
    }
}
