/// The gRPC status that stands for an HTTP status of the proxy's own.
///
/// It follows gRPC's `http-grpc-status-mapping` with one deviation: 500, which here means a rule without a usable
/// backend, is UNAVAILABLE as the Gateway API asks for GRPCRoute, and not UNKNOWN.
package enum GRPCStatus {
    package static let unknown = 2
    package static let permissionDenied = 7
    package static let unimplemented = 12
    package static let `internal` = 13
    package static let unavailable = 14
    package static let unauthenticated = 16

    package static func code(forHTTP status: Int) -> Int {
        switch status {
        case 400: `internal`
        case 401: unauthenticated
        case 403: permissionDenied
        case 404: unimplemented
        case 429, 500, 502, 503, 504: unavailable
        default: unknown
        }
    }

    /// Whether `bytes[contentType]`, the value of Content-Type, is that of a gRPC request: `application/grpc`, alone or
    /// with a suffix or parameters.
    package static func isGRPC(_ bytes: UnsafeRawBufferPointer, contentType: Range<Int>) -> Bool {
        let prefix: StaticString = "application/grpc"
        guard unsafe FieldValue.hasPrefix(bytes, contentType, prefix) else { return false }
        let next = contentType.lowerBound &+ prefix.utf8CodeUnitCount
        guard next < contentType.upperBound else { return true }
        let byte = unsafe bytes[next]
        return byte == 0x2b || byte == 0x2d || byte == 0x3b || Bytes.isBlank(byte)
    }
}
