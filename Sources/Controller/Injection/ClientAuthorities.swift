package import Reactor
internal import TLS
internal import Telemetry

/// The authorities whose certificates the webhook demands of its clients, read again from time to time.
package final class ClientAuthorities {
    /// PEM.
    package typealias Load = () throws -> [UInt8]

    private static let interval: UInt64 = 60_000_000_000

    private let loop: EventLoop
    private let load: Load
    private(set) var pem: [UInt8]
    var onChange: ([UInt8]) -> Void = { _ in }

    /// - Throws: what reading or using them fails with; later failures leave what is in use.
    package init(loop: EventLoop, load: @escaping Load) throws {
        self.loop = loop
        self.load = load
        pem = try Self.read(load)
        again()
    }

    private static func read(_ load: Load) throws -> [UInt8] {
        let pem = try load()
        _ = try TLSClientContext(roots: .pem(pem), identity: nil)
        return pem
    }

    private func again() {
        loop.after(Self.interval) { [weak self] in
            self?.look()
            self?.again()
        }
    }

    private func look() {
        do {
            let new = try Self.read(load)
            guard new != pem else { return }
            pem = new
            onChange(new)
            Log.info("certificates", "--webhook-client-ca: the authorities have changed")
        } catch {
            Log.error("certificates", "--webhook-client-ca: \(error); what is in use stays")
        }
    }
}
