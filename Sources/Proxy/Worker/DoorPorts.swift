internal import Reactor
internal import Synchronization

/// The ports that this process listens on. Its workers share each of them; another process's sockets there are an
/// error, since every second connection would be served by something else, unless sharing was asked for.
package final class DoorPorts: Sendable {
    private let isShared: Bool
    private let open = Mutex<[SocketAddress: Int]>([:])

    /// - Parameter isShared: other processes of this user may listen too.
    package init(isShared: Bool = false) {
        self.isShared = isShared
    }

    /// Another listening socket for a worker.
    ///
    /// - Throws: `SystemError`; EADDRINUSE where another process listens.
    func listen(_ address: SocketAddress) throws(SystemError) -> Int32 {
        try open.withLock { (open) throws(SystemError) in
            let count = open[address] ?? 0
            let descriptor = try ListeningSocket.open(address, isShared || count > 0 ? .joining : .first)
            if address.port > 0 { open[address] = count + 1 }
            return descriptor
        }
    }

    /// One of its sockets has been closed.
    func closed(_ address: SocketAddress) {
        open.withLock { open in
            guard let count = open[address] else { return }
            open[address] = count > 1 ? count - 1 : nil
        }
    }

    /// Looks whether anybody else listens there already.
    ///
    /// - Throws: `SystemError` with EADDRINUSE; other trouble is told by who listens.
    func checkFree(_ address: SocketAddress) throws(SystemError) {
        guard !isShared, address.port > 0 else { return }
        do throws(SystemError) {
            Socket.close(try ListeningSocket.open(address, .first))
        } catch {
            if error.isAddressInUse { throw error }
        }
    }
}
