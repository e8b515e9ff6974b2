import CLinux
import ControlHTTP
import Glibc
import HTTP
import Reactor

/// Asks the proxy of this pod, on its own ports.
enum LocalRequest {
    /// Nanoseconds for one answer.
    private static let timeout: UInt64 = 2_000_000_000

    /// The status; nil when nobody answers. An address that listens everywhere is asked on loopback.
    static func status(
        _ method: HTTPMethod, _ path: String, at address: SocketAddress, as user: UInt32? = nil
    ) throws -> Int? {
        try response(method, path, at: address, as: user)?.status
    }

    /// The answer; nil when nobody gives one.
    /// - Parameter user: as whom to ask where that can be chosen: root asks as the proxy's user, who alone may change
    ///   something there.
    static func response(
        _ method: HTTPMethod, _ path: String, at address: SocketAddress, as user: UInt32? = nil
    ) throws -> HTTPClientResponse? {
        if let user { _ = setfsuid(user) }
        defer { if user != nil { _ = setfsuid(geteuid()) } }
        let loop = try EventLoop()
        let isAnywhere = address.high == 0 && address.low == 0
        let host = isAnywhere ? "127.0.0.1" : address.host
        let client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: host, port: address.port))
        var request = HTTPClientRequest(method, path)
        request.totalTimeout = timeout
        var response: HTTPClientResponse?
        client.send(request) { result in
            response = try? result.get()
            loop.stop()
        }
        loop.run()
        client.close()
        return response
    }
}
