/// Why a watch gets nothing: what is told once for as long as it lasts.
enum WatchTrouble: Hashable {
    case unreachable
    case timedOut
    case credentials
    case forbidden
    /// Too many requests, or the server is not well.
    case overloaded
    /// Any other answer that is not what was asked for.
    case refused(status: Int)
    case unreadable
    /// Every version that it gives has expired by the time that it is asked for.
    case expiring

    init(_ error: APIError) {
        self =
            switch error {
            case .unreachable, .cancelled: .unreachable
            case .timedOut: .timedOut
            case .credentials: .credentials
            case .invalidResponse, .tooLarge: .unreadable
            }
    }

    /// The server has not answered, which is no matter of what it was asked.
    var isOutage: Bool {
        switch self {
        case .unreachable, .timedOut: true
        case .credentials, .forbidden, .overloaded, .refused, .unreadable, .expiring: false
        }
    }

    init(status: Int) {
        self =
            switch status {
            case 401: .credentials
            case 403: .forbidden
            case 429, 500...: .overloaded
            default: .refused(status: status)
            }
    }
}

/// What the server refused, as the machine needs it.
struct Refusal: Hashable {
    var status: Int
    /// The server's words, shortened.
    var message: String
    /// Nanoseconds.
    var retryAfter: UInt64?
}
