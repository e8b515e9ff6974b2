/// Cuts a stream into lines. What is held is at most one line; one beyond the limit is handed on cut off, and its rest
/// dropped.
struct LineSplitter {
    let limit: Int
    private var partial: [UInt8] = []
    /// The rest of a line that was too long is passing.
    private var isSkipping = false

    init(limit: Int) {
        self.limit = limit
    }

    /// The line that the end of the stream left open; empty when there is none.
    var rest: ArraySlice<UInt8> { partial[...] }

    /// - Parameter line: called for each line that the bytes complete, without its end; not for empty ones.
    mutating func feed(_ bytes: ArraySlice<UInt8>, _ line: (ArraySlice<UInt8>) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0a) {
            complete(rest[..<end], line)
            rest = rest[(end + 1)...]
        }
        keep(rest, line)
    }

    private mutating func complete(_ bytes: ArraySlice<UInt8>, _ line: (ArraySlice<UInt8>) -> Void) {
        if isSkipping {
            isSkipping = false
        } else if partial.isEmpty {
            if !bytes.isEmpty { line(bytes.prefix(limit)) }
        } else {
            partial += bytes.prefix(limit - partial.count)
            let whole = partial
            partial = []
            line(whole[...])
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>, _ line: (ArraySlice<UInt8>) -> Void) {
        guard !isSkipping else { return }
        if partial.count + bytes.count < limit {
            partial += bytes
            return
        }
        partial += bytes.prefix(limit - partial.count)
        let cut = partial
        partial = []
        isSkipping = true
        line(cut[...])
    }
}
