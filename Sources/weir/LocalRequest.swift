import ControlHTTP
import HTTP
import Reactor

/// Asks the proxy of this pod, on its own ports.
enum LocalRequest {
    /// Nanoseconds for one answer.
    private static let timeout: UInt64 = 2_000_000_000

    /// The status; nil when nobody answers. An address that listens everywhere is asked on loopback.
    static func status(_ method: HTTPMethod, _ path: String, at address: SocketAddress) throws -> Int? {
        let loop = try EventLoop()
        let isAnywhere = address.high == 0 && address.low == 0
        let host = isAnywhere ? "127.0.0.1" : address.host
        let client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: host, port: address.port))
        var request = HTTPClientRequest(method, path)
        request.totalTimeout = timeout
        var status: Int?
        client.send(request) { result in
            if case .success(let response) = result { status = response.status }
            loop.stop()
        }
        loop.run()
        client.close()
        return status
    }
}
