/// What parsing a head came to.
package enum HeadResult: Sendable, Equatable {
    /// The head is whole and takes this many bytes; what follows is body or the next message.
    case complete(Int)
    /// More bytes are needed; nothing is wrong so far.
    case incomplete
    case invalid(Rejection)
}
