/// The TCP sockets of a network namespace, from the kernel's text (proc(5), /proc/net/tcp and tcp6).
package enum SocketTable {
    /// Where a socket counts as being used: it listens, connects, or is connected in at least one direction.
    private static let usedStates: Set<UInt8> = [
        0x01,  // ESTABLISHED
        0x02,  // SYN_SENT
        0x08,  // CLOSE_WAIT
        0x0a,  // LISTEN
    ]
    private static let stateColumn = 3
    private static let userColumn = 7

    /// Sockets in use of other users than one.
    /// - Parameter text: one table, its heading included. Lines that cannot be read do not count.
    package static func socketsInUse(_ text: String, notOf user: UInt32) -> Int {
        text.split(separator: "\n").dropFirst().count { line in
            let columns = line.split(separator: " ")
            guard columns.count > userColumn, let state = UInt8(columns[stateColumn], radix: 16),
                let owner = UInt32(columns[userColumn])
            else { return false }
            return usedStates.contains(state) && owner != user
        }
    }
}
