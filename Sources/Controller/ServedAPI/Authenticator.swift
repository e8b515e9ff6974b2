package import ControlHTTP

/// Decides whose requests the served API answers.
package protocol Authenticator: AnyObject {
    /// Calls `done` once, at once or later.
    func authenticate(_ request: HTTPServerRequest, _ done: @escaping (Authentication) -> Void)
}

package enum Authentication: Sendable, Hashable {
    case allowed
    /// No credentials, or wrong ones (401).
    case refused(String)
    /// Known, but not one of those who may (403).
    case forbidden(String)
    /// The credentials could not be looked at (503).
    case unavailable(String)
}

/// Answers everybody.
package final class AnonymousAuthenticator: Authenticator {
    package init() {}

    package func authenticate(_ request: HTTPServerRequest, _ done: @escaping (Authentication) -> Void) {
        done(.allowed)
    }
}
