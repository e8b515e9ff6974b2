internal import Reactor

/// An address at which the process cannot listen, and cannot do without.
package struct ListenFailure: Error, CustomStringConvertible {
    /// The flag, or the Gateway's port, that asks for it.
    let name: String
    let address: SocketAddress
    let error: SystemError

    /// Has `listen` listen, and names what it was for when it cannot.
    static func naming<R>(
        _ name: String, _ address: SocketAddress, _ listen: (SocketAddress) throws(SystemError) -> R
    ) throws(ListenFailure) -> R {
        do throws(SystemError) { return try listen(address) } catch {
            throw ListenFailure(name: name, address: address, error: error)
        }
    }

    package var description: String {
        guard error.isAddressInUse else { return "\(name): \(address): \(error); nothing was started" }
        let isServer = name.hasPrefix("--admin") || name.hasPrefix("--telemetry")
        let advice = isServer ? "" : "; --share-ports lets both, and each gets some of the connections"
        return "\(name): another process listens at \(address) already; nothing was started\(advice)"
    }
}
