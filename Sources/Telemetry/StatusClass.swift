/// The class of a status code, as the `class` label counts it.
enum StatusClass: UInt8, CaseIterable {
    /// No status was sent.
    case none
    case informational
    case success
    case redirection
    case clientError
    case serverError

    /// The class of `status`; anything outside 100...599 is `none`.
    init(status: Int) {
        switch status {
        case 100..<200: self = .informational
        case 200..<300: self = .success
        case 300..<400: self = .redirection
        case 400..<500: self = .clientError
        case 500..<600: self = .serverError
        default: self = .none
        }
    }

    var label: StaticString {
        switch self {
        case .none: "none"
        case .informational: "1xx"
        case .success: "2xx"
        case .redirection: "3xx"
        case .clientError: "4xx"
        case .serverError: "5xx"
        }
    }
}
