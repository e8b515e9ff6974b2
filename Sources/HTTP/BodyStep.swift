/// What `BodyDecoder.consume` found at the start of the bytes it was given. Offsets count from their first byte.
package enum BodyStep: Sendable, Equatable {
    /// Payload. What lies before the range is framing; go on after its upper bound.
    case data(Range<Int>)
    /// So many bytes of framing and nothing else; go on after them.
    case skip(Int)
    /// Nothing was taken. Keep these bytes (there are none, or they begin the trailer section) and call again with more
    /// behind them.
    case needMore
    /// The body ends after `consumed` bytes; the next message begins there. `trailers` are the trailer field lines with
    /// their CRLFs, without the final empty line; the range is empty if there are none.
    case end(consumed: Int, trailers: Range<Int>)
    case invalid(Rejection)
}
