internal import Reactor

/// A slab's values by index, for the data path. The subscript lives in this module because a generic one of another
/// module is called, not inlined (measured: 0.2 us a request).
struct SlabView<Element: BitwiseCopyable>: BitwiseCopyable {
    private let base: UnsafeMutablePointer<Element>
    private let capacity: Int

    init(_ slab: borrowing Slab<Element>) {
        base = slab.base
        capacity = slab.capacity
    }

    /// The value at an index that the slab gave out.
    subscript(index: Int32) -> UnsafeMutablePointer<Element> {
        @inline(__always) get {
            precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: capacity), "an index that no slab gave out")
            return base + Int(index)
        }
    }
}
