/// What becomes of a connection to a port that declares no protocol, by its first bytes. Pure; the caller's and the
/// callee's door decide by the same table.
///
/// | first bytes | routes apply at the port | no routes |
/// |---|---|---|
/// | a request line | HTTP | HTTP |
/// | its beginning, and no more in time | HTTP | bytes |
/// | the HTTP/2 preface | HTTP, which refuses it in its own protocol | bytes |
/// | a TLS handshake | bytes: nobody can look into it | bytes |
/// | other text | HTTP, whose parser refuses it | bytes |
/// | anything else | closed | bytes |
/// | nothing in time | the server may speak first | the server may speak first |
enum DoorDecision {
    /// More bytes, or the end of the wait, have to come.
    case wait
    case serveHTTP
    /// The bytes pass as they are.
    case pass
    case close
    /// The server is connected to, and heard if it speaks first; what the client sends before that is judged again.
    case hearServer

    /// - Parameters:
    ///   - isRouted: routes apply to requests at the port, so that nothing that could be one may pass unread.
    ///   - isOver: nothing more is waited for.
    init(_ detected: ProtocolDetection, isRouted: Bool, isOver: Bool) {
        self =
            switch detected {
            case .nothing: isOver ? .hearServer : .wait
            case .http: .serveHTTP
            case .beginning: isOver ? (isRouted ? .serveHTTP : .pass) : .wait
            case .tlsBeginning: isRouted ? (isOver ? .close : .wait) : .pass
            case .tls: .pass
            case .http2, .text: isRouted ? .serveHTTP : .pass
            case .bytes: isRouted ? .close : .pass
            }
    }
}
