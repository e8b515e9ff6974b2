import Glibc
import Testing

// The overlay hides fork, since little may be done after it in a process with threads. Here it runs in the quiet child
// of an exit test, and it is the only way to a process with one thread: the main thread of a Swift program with
// an asynchronous main is parked, and setuid() does not reach it.
@_silgen_name("fork") private func forkProcess() -> pid_t

/// Runs `body` in a copy of the process that has one thread only, as a proxy has when it gives up its rights.
///
/// - Returns: Names of the conditions that did not hold; a thrown error counts as one.
func failuresInSingleThreadedChild(_ body: () throws -> [(name: String, holds: Bool)]) -> [String] {
    var pair: [Int32] = [-1, -1]
    guard pipe(&pair) == 0 else { return ["pipe"] }
    let child = forkProcess()
    if child == 0 {
        var text = ""
        do {
            text = try body().filter { !$0.holds }.map { $0.name }.joined(separator: "\n")
        } catch { text = "\(error)" }
        _ = text.utf8CString.withUnsafeBufferPointer { write(pair[1], $0.baseAddress, $0.count - 1) }
        _exit(0)
    }
    close(pair[1])
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(pair[0], &chunk, chunk.count)
        if count <= 0 { break }
        bytes += chunk[..<count]
    }
    close(pair[0])
    var status: Int32 = 0
    waitpid(child, &status, 0)
    let failures = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
    return status == 0 ? failures : failures + ["child ended with status \(status)"]
}
