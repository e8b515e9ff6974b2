import Glibc
import Reactor

/// Where threads wait until the test lets them go on.
final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() throws {
        var pair: [Int32] = [0, 0]
        guard pipe(&pair) == 0 else { throw SystemError("pipe") }
        ends = (pair[0], pair[1])
    }

    deinit { close(ends.read) }

    /// Returns when it is open, and then at once.
    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }

    func open() { close(ends.write) }
}
