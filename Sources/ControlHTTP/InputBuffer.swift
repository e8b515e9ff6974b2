/// Bytes that were received and not yet taken. Owns no memory while it is empty and idle.
struct InputBuffer {
    /// What one read takes at most.
    static let readSize = 16 << 10
    /// Memory that an empty buffer may keep.
    private static let kept = 4 << 10

    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count }

    /// Reads once from the socket, behind what is there.
    mutating func fill(from socket: ControlSocket) -> ControlSocket.Outcome {
        unsafe withUnsafeTemporaryAllocation(byteCount: InputBuffer.readSize, alignment: 1) { room in
            let result = unsafe socket.read(into: room)
            if case .bytes(let count) = result { unsafe bytes.append(contentsOf: room[..<count]) }
            return result
        }
    }

    mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    /// Drops bytes from the front.
    mutating func consume(_ amount: Int) {
        guard amount < bytes.count else {
            if bytes.capacity > InputBuffer.kept { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
            return
        }
        bytes.removeFirst(amount)
    }

    mutating func removeAll() { bytes = [] }
}
