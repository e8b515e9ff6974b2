import ArgumentParser
import Reactor

/// `ADDRESS:PORT` on the command line.
struct AddressArgument: ExpressibleByArgument {
    var address: SocketAddress

    init?(argument: String) {
        guard let address = SocketAddress(argument) else { return nil }
        self.address = address
    }

    var defaultValueDescription: String { address.description }
}

/// An address without a port.
struct HostArgument: ExpressibleByArgument {
    var address: SocketAddress

    init?(argument: String) {
        guard let address = SocketAddress(host: argument, port: 0) else { return nil }
        self.address = address
    }
}
