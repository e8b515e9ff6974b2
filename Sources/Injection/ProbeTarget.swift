/// A probe as the workload's owner wrote it, to be made by the proxy in the kubelet's place.
package struct ProbeTarget: Hashable, Sendable {
    package enum Check: Hashable, Sendable {
        /// Status 200 to 399 is healthy. `path` may have a query.
        case http(isTLS: Bool, path: String, headers: [Header])
        /// A connection that is accepted is healthy.
        case tcp
        /// `grpc.health.v1.Health/Check`; the service may be empty.
        case grpc(service: String)
    }

    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var check: Check
    package var port: UInt16
    /// Seconds until the check has failed.
    package var timeout: UInt32

    package init(check: Check, port: UInt16, timeout: UInt32) {
        self.check = check
        self.port = port
        self.timeout = timeout
    }
}
