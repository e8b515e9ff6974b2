internal import Synchronization

/// Which backends of one table have been used since somebody last asked: workers set marks, the configuration thread
/// takes them. A mark that is set already is only read, so busy workers do not take the memory from each other.
final class BackendUsage: @unchecked Sendable {
    private let marks: UnsafeMutablePointer<Atomic<Bool>>
    private let count: Int

    init(count: Int) {
        self.count = count
        marks = .allocate(capacity: count)
        for position in 0..<count { (marks + position).initialize(to: Atomic(false)) }
    }

    deinit {
        marks.deinitialize(count: count)
        marks.deallocate()
    }

    func note(_ backend: Int32) {
        guard backend >= 0, Int(backend) < count, !marks[Int(backend)].load(ordering: .relaxed) else { return }
        marks[Int(backend)].store(true, ordering: .relaxed)
    }

    /// The backends used since the last call.
    func take() -> [Int] {
        (0..<count).filter {
            marks[$0].load(ordering: .relaxed) && marks[$0].exchange(false, ordering: .relaxed)
        }
    }
}
