/// Separates a body's payload from its framing, RFC 9112 sections 6 and 7.
///
/// The caller keeps `rest`, the received bytes that were not taken yet, and loops:
///
///     while true {
///         switch decoder.consume(rest) {
///         case .data(let range): forward(rest[range]); drop the first range.upperBound bytes of rest
///         case .skip(let count): drop the first count bytes of rest
///         case .needMore: read more behind rest (at the end of input, see `endOfInput`)
///         case .end(let consumed, let trailers): forward(rest[trailers]); drop the first consumed bytes; done
///         case .invalid(let why): refuse; close the connection
///         }
///     }
///
/// Every step but `.needMore`, `.end` and `.invalid` takes at least one byte, so the loop ends. Bytes must be kept over
/// `.needMore` only in the trailer section, and never more than `limits.trailerBytes` of them. After `.end` every
/// further call returns an empty `.end`; after `.invalid` the same `.invalid`.
package struct BodyDecoder: Sendable, BitwiseCopyable {
    private enum State: Sendable, BitwiseCopyable {
        case length(UInt64)
        case untilClose
        case chunked(ChunkedDecoder)
        case ended
        case failed(Rejection)
    }

    private var state: State

    package init(_ framing: BodyFraming, limits: HTTP1Limits = HTTP1Limits()) {
        state =
            switch framing {
            case .none, .length(0): .ended
            case .length(let length): .length(length)
            case .chunked: .chunked(ChunkedDecoder(limits: limits))
            case .untilClose: .untilClose
            }
    }

    /// The body is whole; so it is at once if there is none.
    package var isComplete: Bool {
        if case .ended = state { return true }
        return false
    }

    /// How many payload bytes are still to come if Content-Length told, else nil. 0 once the body is whole.
    package var remainingLength: UInt64? {
        switch state {
        case .length(let length): length
        case .ended: 0
        case .untilClose, .chunked, .failed: nil
        }
    }

    /// Looks at `bytes`, the received bytes from the first that was not taken on.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) -> BodyStep {
        switch state {
        case .ended: return .end(consumed: 0, trailers: 0..<0)
        case .failed(let why): return .invalid(why)
        case .untilClose: return unsafe bytes.isEmpty ? .needMore : .data(0..<bytes.count)
        case .length(let length):
            guard unsafe !bytes.isEmpty else { return .needMore }
            let count = Int(min(length, UInt64(bytes.count)))
            state = length == UInt64(count) ? .ended : .length(length &- UInt64(count))
            return .data(0..<count)
        case .chunked(var decoder):
            let step = decoder.consume(unsafe bytes.assumingMemoryBound(to: UInt8.self).span)
            switch step {
            case .end: state = .ended
            case .invalid(let why): state = .failed(why)
            case .data, .skip, .needMore: state = .chunked(decoder)
            }
            return step
        }
    }

    /// The sender closed. Whether that leaves a whole body: yes if the body had ended or was to end so. Otherwise it is
    /// truncated, RFC 9112 section 8, and must not be passed on as whole.
    package mutating func endOfInput() -> Bool {
        switch state {
        case .untilClose, .ended:
            state = .ended
            return true
        case .length, .chunked, .failed: return false
        }
    }
}
