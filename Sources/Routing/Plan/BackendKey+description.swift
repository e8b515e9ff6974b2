extension BackendKey: CustomStringConvertible {
    /// `namespace/service:port` or `namespace/backend`, for logs, metrics and people.
    package var description: String {
        switch self {
        case .service(let key, let port): "\(key):\(port)"
        case .backend(let key): "\(key)"
        }
    }
}
