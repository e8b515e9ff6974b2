/// Cuts what a WebSocket server sends into messages (RFC 6455, section 5). Knows no socket, and sends nothing.
struct WebSocketReader {
    /// What a server must not send; the connection is of no more use.
    enum Defect: Error, Equatable, CustomStringConvertible {
        case malformed(String)
        case tooLarge(Int)

        var description: String {
            switch self {
            case .malformed(let reason): "a WebSocket frame \(reason)"
            case .tooLarge(let limit): "a WebSocket message is longer than the \(limit) bytes allowed"
            }
        }
    }

    private enum Opcode {
        static let continuation: UInt8 = 0
        static let text: UInt8 = 1
        static let binary: UInt8 = 2
        static let close: UInt8 = 8
        static let ping: UInt8 = 9
        static let pong: UInt8 = 10
    }

    /// A frame's first bytes, read.
    private struct Header {
        var opcode: UInt8
        var isFinal: Bool
        var length: Int
        /// Bytes that it takes itself.
        var size: Int

        var isControl: Bool { opcode >= Opcode.close }
    }

    /// Payload bytes of a control frame at most.
    private static let controlBytes = 125

    private let limit: Int
    private var input: [UInt8] = []
    private var message: [UInt8] = []
    private var isInMessage = false
    /// The server has said that it sends no more.
    private(set) var isClosed = false

    /// - Parameter limit: payload bytes of one message, over all of its frames.
    init(limit: Int) {
        self.limit = limit
    }

    /// - Parameter message: called for each message that the bytes complete.
    mutating func feed(_ bytes: ArraySlice<UInt8>, _ message: (ArraySlice<UInt8>) -> Void) throws(Defect) {
        guard !isClosed else { return }
        input += bytes
        var rest = input[...]
        while !isClosed, let header = try Self.header(rest, limit: limit) {
            guard rest.count - header.size >= header.length else { break }
            let payload = rest.dropFirst(header.size).prefix(header.length)
            rest = rest[payload.endIndex...]
            try take(header, payload, message)
        }
        // A long message comes in many pieces, each of which would copy all before it.
        if rest.startIndex > 0 { input = Array(rest) }
    }

    private mutating func take(
        _ header: Header, _ payload: ArraySlice<UInt8>, _ whole: (ArraySlice<UInt8>) -> Void
    ) throws(Defect) {
        switch header.opcode {
        case Opcode.close: isClosed = true
        case Opcode.ping, Opcode.pong: break
        case Opcode.continuation where !isInMessage, Opcode.text where isInMessage, Opcode.binary where isInMessage:
            throw .malformed("does not belong to the one before")
        default:
            guard message.count + payload.count <= limit else { throw .tooLarge(limit) }
            isInMessage = !header.isFinal
            guard header.isFinal, message.isEmpty else {
                message += payload
                if header.isFinal {
                    let all = message
                    message = []
                    whole(all[...])
                }
                return
            }
            whole(payload)
        }
    }

    /// The header at the beginning of `bytes`; nil while it is not whole.
    private static func header(_ bytes: ArraySlice<UInt8>, limit: Int) throws(Defect) -> Header? {
        guard bytes.count >= 2 else { return nil }
        let (first, second) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1])
        guard first & 0x70 == 0 else { throw .malformed("uses an extension that was not agreed on") }
        guard second & 0x80 == 0 else { throw .malformed("is masked, which a server's never is") }
        let opcode = first & 0x0f
        guard opcode <= Opcode.binary || (Opcode.close...Opcode.pong).contains(opcode) else {
            throw .malformed("has the unknown opcode \(opcode)")
        }
        let isFinal = first & 0x80 != 0
        var length = UInt64(second)
        var size = 2
        if second >= 126 {
            size += second == 126 ? 2 : 8
            guard bytes.count >= size else { return nil }
            length = bytes.dropFirst(2).prefix(size - 2).reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard opcode < Opcode.close || (isFinal && length <= UInt64(controlBytes)) else {
            throw .malformed("that controls is too long or in pieces")
        }
        guard length <= UInt64(limit) else { throw .tooLarge(limit) }
        return Header(opcode: opcode, isFinal: isFinal, length: Int(length), size: size)
    }
}
