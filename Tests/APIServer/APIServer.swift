import Foundation
import GatewayAPI
import Glibc

/// A Kubernetes API server in the test's own process: the real protocol over real sockets, on threads of its own, and
/// nothing of the client it is there to test. What it does not do, as authorization, admission and validation by
/// schemas, a test brings about with a `Fault`.
package final class APIServer: Sendable {
    /// Connections at the same time; more of them wait.
    static let connectionLimit = 4096

    package let port: Int
    let state: Monitor<ServerState>
    let certificates: ServerCertificates?
    let address: String
    private let door: Door

    /// Listens on a free port of 127.0.0.1 unless told otherwise, and serves until `stop()`.
    ///
    /// - Parameter certificates: for TLS; plain HTTP without.
    package init(
        address: String = "127.0.0.1", certificates: ServerCertificates? = nil, kinds: [ServedKind] = ServedKind.all
    ) throws {
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        var store = Store(kinds: kinds)
        for name in ["default", "kube-system"] where store.collections["namespaces"] != nil {
            let key = ObjectKey(namespace: "", name: name)
            _ = store.finish(
                Write(kind: ServedKind.all[0], version: "v1", key: key, manager: "apiserver"), .mapping([:]), old: nil,
                FieldOwners())
        }
        state = Monitor(ServerState(store: store))
        door = try Door(address: address, context: certificates?.context, state: state)
        port = door.port
        self.address = address
        self.certificates = certificates
        try door.open()
    }

    /// One that has some definitions not installed.
    ///
    /// - Parameter plurals: of the kinds that are not there.
    package convenience init(without plurals: Set<String>) throws {
        try self.init(kinds: ServedKind.all.filter { !plurals.contains($0.plural) })
    }

    package var url: String { "\(certificates == nil ? "http" : "https")://\(address):\(port)" }

    /// Ends every connection and thread.
    package func stop() {
        state.change { $0.isStopping = true }
        door.close()
        state.change { $0.faults.removeAll() }
        _ = state.wait(until: Date(timeIntervalSinceNow: Double(Self.patience) / 1000)) { $0.connections.isEmpty }
        door.free()
    }

    /// Refuses connections and ends the open ones, as a server that is gone; its port stays taken.
    package func goDown() throws { try door.refuse() }

    /// Serves again, on the same port.
    ///
    /// - Parameter forgetsHistory: watches cannot resume from before.
    package func comeUp(forgetsHistory: Bool = false) throws {
        if forgetsHistory { compact() }
        try door.open()
    }
}
