/// Bytes that wait to be sent, as pieces: what many connections send is held once, and each queue refers to it.
struct OutputQueue {
    /// Pieces smaller than this are sent together: a packet, or a TLS record, for each would cost more than the copy.
    static let gathered = 16 << 10

    private var pieces: [ArraySlice<UInt8>] = []
    private var first = 0
    /// Bytes that wait.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) { append(bytes[...]) }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        pieces.append(bytes)
        count += bytes.count
    }

    mutating func removeAll() { self = OutputQueue() }

    /// Sends what is next and drops what went. A call that comes after one that would block offers at least the same
    /// bytes, as TLS requires.
    mutating func send(to socket: ControlSocket) -> ControlSocket.Outcome {
        guard first < pieces.count else { return .bytes(0) }
        let result: ControlSocket.Outcome
        if pieces[first].count >= OutputQueue.gathered || first + 1 == pieces.count {
            result = unsafe pieces[first].withUnsafeBytes { unsafe socket.write($0) }
        } else {
            result = unsafe withUnsafeTemporaryAllocation(byteCount: OutputQueue.gathered, alignment: 1) { room in
                unsafe socket.write(UnsafeRawBufferPointer(rebasing: room[..<gather(into: room)]))
            }
        }
        if case .bytes(let sent) = result { consume(sent) }
        return result
    }

    private func gather(into room: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        for piece in pieces[first...] {
            let taken = piece.prefix(room.count - filled)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyBytes(from: taken)
            filled += taken.count
            if filled == room.count { break }
        }
        return filled
    }

    private mutating func consume(_ amount: Int) {
        var rest = amount
        count -= amount
        while rest > 0, first < pieces.count {
            let taken = min(rest, pieces[first].count)
            rest -= taken
            pieces[first] = pieces[first].dropFirst(taken)
            if pieces[first].isEmpty {
                pieces[first] = []
                first += 1
            }
        }
        if first == pieces.count {
            pieces = []
            first = 0
        } else if first > 64, first * 2 > pieces.count {
            pieces.removeFirst(first)
            first = 0
        }
    }
}
