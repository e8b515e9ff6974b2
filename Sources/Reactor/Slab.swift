/// Values of one type at stable addresses, reached by index, reused through a free list. Nothing here is reference counted.
///
/// Memory grows by chunks and is kept for reuse; `limit` bounds it.
package struct Slab<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline static var chunkBits: Int { 8 }
    @usableFromInline static var chunkSize: Int { 1 << chunkBits }

    @usableFromInline let chunks: UnsafeMutablePointer<UnsafeMutablePointer<Element>?>
    @usableFromInline let chunkLimit: Int
    private let nextFree: UnsafeMutablePointer<UnsafeMutablePointer<Int32>?>
    private var allocatedChunks = 0
    private var freeHead: Int32 = -1
    /// Values in use.
    package private(set) var count = 0
    private let blank: Element

    /// - Parameters:
    ///   - limit: the most values there can be at once.
    ///   - blank: what a fresh value holds.
    package init(limit: Int, blank: Element) {
        chunkLimit = max(1, (limit + Slab.chunkSize - 1) / Slab.chunkSize)
        chunks = .allocate(capacity: chunkLimit)
        chunks.initialize(repeating: nil, count: chunkLimit)
        nextFree = .allocate(capacity: chunkLimit)
        nextFree.initialize(repeating: nil, count: chunkLimit)
        self.blank = blank
    }

    deinit {
        for chunk in 0..<allocatedChunks {
            chunks[chunk]?.deallocate()
            nextFree[chunk]?.deallocate()
        }
        chunks.deallocate()
        nextFree.deallocate()
    }

    /// The most values there can be.
    package var capacity: Int { chunkLimit * Slab.chunkSize }

    /// Values there is memory for now: valid indices are below it.
    package var allocated: Int { allocatedChunks * Slab.chunkSize }

    /// Takes a blank value; nil when the limit is reached.
    package mutating func take() -> Int32? {
        if freeHead < 0 && !grow() { return nil }
        let index = freeHead
        freeHead = link(index).pointee
        self[index].pointee = blank
        count += 1
        return index
    }

    package mutating func give(back index: Int32) {
        link(index).pointee = freeHead
        freeHead = index
        count -= 1
    }

    /// The value at an index that `take` returned; the address is stable until it is given back.
    @inlinable
    package subscript(index: Int32) -> UnsafeMutablePointer<Element> {
        let position = Int(index)
        precondition(position >= 0 && position >> Slab.chunkBits < chunkLimit)
        guard let chunk = chunks[position >> Slab.chunkBits] else { preconditionFailure("slab index out of range") }
        return chunk + (position & (Slab.chunkSize - 1))
    }

    private func link(_ index: Int32) -> UnsafeMutablePointer<Int32> {
        guard let chunk = nextFree[Int(index) >> Slab.chunkBits] else { preconditionFailure("slab index out of range") }
        return chunk + (Int(index) & (Slab.chunkSize - 1))
    }

    private mutating func grow() -> Bool {
        guard allocatedChunks < chunkLimit else { return false }
        let elements = UnsafeMutablePointer<Element>.allocate(capacity: Slab.chunkSize)
        elements.initialize(repeating: blank, count: Slab.chunkSize)
        let links = UnsafeMutablePointer<Int32>.allocate(capacity: Slab.chunkSize)
        let first = Int32(allocatedChunks * Slab.chunkSize)
        for position in 0..<Slab.chunkSize {
            let isLast = position == Slab.chunkSize - 1
            links[position] = isLast ? -1 : first + Int32(position) + 1
        }
        chunks[allocatedChunks] = elements
        nextFree[allocatedChunks] = links
        allocatedChunks += 1
        freeHead = first
        return true
    }
}
