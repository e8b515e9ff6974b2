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
    /// The protocol that the request asked for.
    private let upgrade: String?
    private var state = State.head(scanned: 0)
    private var interims = 0
    /// The connection may carry another request after this response.
    private(set) var keepsAlive = false

    /// More interim responses than this are no answer but a way to keep a client waiting.
    private static let maximumInterims = 16

    init(method: HTTPMethod, limits: HTTP1Limits, upgrade: String? = nil) {
        self.method = method
        self.limits = limits
        self.upgrade = upgrade
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
            if parser.isSwitchingProtocols { return unsafe switched(rest, length, parser) }
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

    /// The server speaks another protocol from here on: the one that was asked for, or none.
    private mutating func switched(_ rest: UnsafeRawBufferPointer, _ length: Int, _ parser: ResponseHead) -> Step {
        let fields = unsafe HTTPFields(parser.fields, in: rest)
        guard let upgrade else { return .invalid("101 without an Upgrade in the request") }
        guard fields["upgrade"]?.lowercased() == upgrade.lowercased() else {
            return .invalid("101 that does not switch to \(upgrade)")
        }
        state = .body(BodyDecoder(.untilClose, limits: limits))
        return .head(HTTPResponseHead(status: parser.status, fields: fields), length: length)
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
