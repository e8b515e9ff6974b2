/// What is due when: a binary heap of moments, in whatever unit its owner counts. Whoever moved an element's moment, or
/// removed it, leaves the old one in; it is passed over, and swept out before such entries are in the majority.
package struct DueHeap<Element: Hashable> {
    private var heap: [(due: UInt64, order: UInt64, element: Element)] = []
    private var current: [Element: UInt64] = [:]
    private var order: UInt64 = 0

    package init() {}

    package var count: Int { current.count }

    /// When an element is due; nil when it is not waited for.
    package subscript(element: Element) -> UInt64? { current[element] }

    /// Sets or moves an element's moment. Of those that are due at the same one, whichever was set first comes first.
    package mutating func set(_ element: Element, due: UInt64) {
        guard current[element] != due else { return }
        current[element] = due
        order += 1
        heap.append((due, order, element))
        siftUp(heap.count - 1)
        tidy()
    }

    /// Waits for an element no longer; nothing happens when it is not waited for.
    package mutating func remove(_ element: Element) {
        current[element] = nil
        tidy()
    }

    /// The element that is due first, if that is now; it is waited for no longer.
    package mutating func take(now: UInt64) -> Element? {
        guard let due = next, due <= now, let first = heap.first else { return nil }
        current[first.element] = nil
        removeFirst()
        return first.element
    }

    /// When the first element is due.
    package var next: UInt64? {
        mutating get {
            while let first = heap.first, current[first.element] != first.due { removeFirst() }
            return heap.first?.due
        }
    }

    private mutating func tidy() {
        guard heap.count > 64, heap.count > 2 * current.count else { return }
        // A sorted array is a heap.
        heap = heap.filter { current[$0.element] == $0.due }.sorted { ($0.due, $0.order) < ($1.due, $1.order) }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var position = 0
        while true {
            let left = 2 * position + 1
            guard left < heap.count else { return }
            let right = left + 1
            let least = right < heap.count && precedes(right, left) ? right : left
            guard precedes(least, position) else { return }
            heap.swapAt(position, least)
            position = least
        }
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        while position > 0, precedes(position, (position - 1) / 2) {
            heap.swapAt(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (heap[a].due, heap[a].order) < (heap[b].due, heap[b].order)
    }
}
