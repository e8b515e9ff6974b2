internal import CLinux

/// The few words through which the configuration thread and a worker speak: plain numbers, released and acquired.
package final class WorkerControl: @unchecked Sendable {
    private enum Word: Int {
        case orders, adoptedVersion, finished, doors, leaving

        static let count = 5
    }

    private static let drain: UInt64 = 1
    private static let stop: UInt64 = 2
    private let words: UnsafeMutablePointer<UInt64>

    package init() {
        words = .allocate(capacity: Word.count)
        words.initialize(repeating: 0, count: Word.count)
    }

    deinit {
        words.deallocate()
    }

    // MARK: Given by the configuration thread

    package func drain() { weir_store_release(word(.orders), WorkerControl.drain) }
    /// Callers are to go elsewhere; everything is served as before.
    package func leave() { weir_store_release(word(.leaving), 1) }
    package func stop() { weir_store_release(word(.orders), WorkerControl.stop) }

    var isDraining: Bool { weir_load_acquire(word(.orders)) == WorkerControl.drain }
    var isLeaving: Bool { weir_load_acquire(word(.leaving)) == 1 }
    var isStopped: Bool { weir_load_acquire(word(.orders)) == WorkerControl.stop }

    // MARK: Told by the worker

    func adopted(_ version: UInt64) { weir_store_release(word(.adoptedVersion), version) }
    func finish() { weir_store_release(word(.finished), 1) }
    func doorsOpen(_ areOpen: Bool) { weir_store_release(word(.doors), areOpen ? 1 : 0) }

    package var adoptedVersion: UInt64 { weir_load_acquire(word(.adoptedVersion)) }
    package var isFinished: Bool { weir_load_acquire(word(.finished)) == 1 }
    /// Every door that the adopted snapshot asks for is listened on.
    package var areDoorsOpen: Bool { weir_load_acquire(word(.doors)) == 1 }

    private func word(_ word: Word) -> UnsafeMutablePointer<UInt64> { words + word.rawValue }
}
