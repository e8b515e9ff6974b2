import GatewayAPI
import Glibc

/// Lines for people that are no part of a command's answer. Nothing but text reaches the terminal, whoever wrote it.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array((VisibleText.page(line) + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
