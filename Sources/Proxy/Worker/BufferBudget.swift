/// How many bytes may wait in the process: heads that are not finished, bodies and answers that the other side does not
/// take, TLS. Beyond it those who have held theirs the longest lose them, long before the kernel ends the process for
/// its memory.
package struct BufferBudget: Sendable, Equatable {
    /// The part of its memory that a process may fill with them is one of so many.
    static let parts: UInt64 = 4
    /// Where memory has no limit.
    static let withoutLimit: UInt64 = 256 << 20
    /// However little memory there is.
    static let least: UInt64 = 4 << 20

    /// Bytes for each worker.
    package let limit: Int

    package init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// - Parameters:
    ///   - configured: bytes of the whole process; 0: as memory allows.
    ///   - memoryLimit: of the process; nil when it has none.
    ///   - machine: the machine's memory.
    package init(configured: UInt64, memoryLimit: UInt64?, machine: UInt64, workers: Int) {
        var bytes = configured
        if bytes == 0 {
            let known = [memoryLimit, machine > 0 ? machine : nil].compactMap { $0 }.min()
            let part = known.map { $0 / BufferBudget.parts } ?? BufferBudget.withoutLimit
            bytes = max(BufferBudget.least, memoryLimit == nil ? min(part, BufferBudget.withoutLimit) : part)
        }
        self.init(limit: Int(clamping: bytes / UInt64(max(1, workers))))
    }

    /// What is held after some had to let go.
    var goal: Int { limit / 8 * 7 }

    func isExceeded(by held: Int) -> Bool { held > limit }

    /// So much is held that reading has to be in small pieces: what one side does not take is held by the piece.
    func isScarce(with held: Int) -> Bool { held > limit / 2 }
}
