internal import COpenSSL

/// What could not be done, and why in OpenSSL's words.
package struct TLSError: Error, CustomStringConvertible, Hashable, Sendable {
    /// What could not be done.
    package var message: String
    /// OpenSSL's reason; empty when the refusal is our own and `message` says it all.
    package var reason: String

    package init(_ message: String, reason: String = "") {
        self.message = message
        self.reason = reason
    }

    /// A server's handshake: what came was the beginning of an HTTP request.
    package var isPlainHTTP: Bool { reason == "http request" }

    package var description: String { reason.isEmpty ? message : "\(message): \(reason)" }
}

/// The calling thread's queue of OpenSSL errors. It must be empty before a call whose failure is to be told from it.
enum ErrorQueue {
    private static let longestReason = 256

    static func clear() { ERR_clear_error() }

    /// The first error, which is the cause of those behind it, and nothing is left of any of them.
    static func error(_ message: String, otherwise reason: String = "") -> TLSError {
        let text = takeReason()
        return TLSError(message, reason: text.isEmpty ? reason : text)
    }

    static func takeReason() -> String {
        unsafe String(unsafeUninitializedCapacity: longestReason) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { unsafe weir_take_error($0.baseAddress, $0.count) }
        }
    }
}
