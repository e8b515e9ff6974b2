internal import Glibc

/// The TCP sockets of a network namespace, from the kernel's text (proc(5), /proc/net/tcp and tcp6).
package enum SocketTable {
    /// Where a socket counts as being used: it listens, connects, or is connected in at least one direction.
    private static let usedStates: Set<UInt8> = [
        0x01,  // ESTABLISHED
        0x02,  // SYN_SENT
        0x08,  // CLOSE_WAIT
        0x0a,  // LISTEN
    ]
    private static let localColumn = 1
    private static let remoteColumn = 2
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

    /// The user whose socket is at `address` and `port` and connected to `remotePort`, as the kernel knows it; nil when
    /// there is none in this network namespace.
    package static func owner(ofConnectionFrom address: String, port: UInt16, to remotePort: UInt16) -> UInt32? {
        for path in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
            guard let text = read(path) else { continue }
            if let owner = owner(in: text, from: address, port: port, to: remotePort) { return owner }
        }
        return nil
    }

    /// - Parameter text: one table, its heading included.
    package static func owner(in text: String, from address: String, port: UInt16, to remotePort: UInt16) -> UInt32? {
        guard let wanted = IPAddressText.parse(address) else { return nil }
        for line in text.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", maxSplits: userColumn + 1)
            guard columns.count > userColumn, let remote = endpoint(columns[remoteColumn]), remote.port == remotePort,
                let local = endpoint(columns[localColumn]), local.port == port, local.address == unmapped(wanted)
            else { continue }
            return UInt32(columns[userColumn])
        }
        return nil
    }

    /// `0100007F:3A98`: words of four bytes in the machine's order, the port as a number.
    private static func endpoint(_ column: Substring) -> (address: [UInt8], port: UInt16)? {
        let parts = column.split(separator: ":")
        guard parts.count == 2, parts[0].utf8.count == 8 || parts[0].utf8.count == 32,
            let port = UInt16(parts[1], radix: 16)
        else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
            rest = rest.dropFirst(8)
        }
        return (unmapped(bytes), port)
    }

    /// An IPv4-mapped address as the IPv4 address.
    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return address.count == 16 && address.starts(with: prefix) ? Array(address.dropFirst(prefix.count)) : address
    }

    /// The whole file; nil when it cannot be read.
    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
