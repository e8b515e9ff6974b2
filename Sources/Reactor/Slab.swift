internal import CLinux
internal import Glibc

/// Values of one type at stable addresses, reached by index, reused through a free list. Nothing here is reference
/// counted.
///
/// The whole range is reserved at once and the kernel gives pages as they are touched: an index becomes an address by
/// one multiplication, and unused room costs nothing. One thread's.
@frozen
package struct Slab<Element: BitwiseCopyable>: ~Copyable {
    /// The first value; valid while the slab lives.
    package let base: UnsafeMutablePointer<Element>
    /// The most values there can be.
    package let capacity: Int
    private let links: UnsafeMutablePointer<Int32>
    private let state: UnsafeMutablePointer<SlabState>
    private let blank: Element

    /// - Parameters:
    ///   - limit: the most values there can be at once.
    ///   - blank: what a fresh value holds.
    package init(limit: Int, blank: Element) {
        capacity = max(1, limit)
        base = Slab.reserve(capacity, of: Element.self)
        links = Slab.reserve(capacity, of: Int32.self)
        state = .allocate(capacity: 1)
        state.initialize(to: SlabState())
        self.blank = blank
    }

    deinit {
        munmap(base, capacity * MemoryLayout<Element>.stride)
        munmap(links, capacity * MemoryLayout<Int32>.stride)
        state.deallocate()
    }

    /// Values in use.
    package var count: Int { state.pointee.count }

    /// Values that were ever in use: indices are below it.
    package var highWater: Int { Int(state.pointee.untouched) }

    /// Takes a blank value; nil when the limit is reached. Values that were used most recently come first.
    package func take() -> Int32? {
        let index: Int32
        if state.pointee.free >= 0 {
            index = state.pointee.free
            state.pointee.free = links[Int(index)]
        } else {
            guard Int(state.pointee.untouched) < capacity else { return nil }
            index = state.pointee.untouched
            state.pointee.untouched += 1
        }
        (base + Int(index)).initialize(to: blank)
        state.pointee.count += 1
        return index
    }

    package func give(back index: Int32) {
        links[Int(index)] = state.pointee.free
        state.pointee.free = index
        state.pointee.count -= 1
    }

    /// The value at an index that `take` returned; the address is stable until it is given back.
    package subscript(index: Int32) -> UnsafeMutablePointer<Element> {
        precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: capacity))
        return base + Int(index)
    }

    private static func reserve<T>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
        let length = count * MemoryLayout<T>.stride
        let memory = mmap(
            nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("out of address space") }
        return memory.bindMemory(to: T.self, capacity: count)
    }
}

struct SlabState {
    var free: Int32 = -1
    var untouched: Int32 = 0
    var count = 0
}
