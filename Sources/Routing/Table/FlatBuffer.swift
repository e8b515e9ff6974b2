/// Plain values in one manually owned allocation: what matching reads, without reference counts or Array's
/// copy-on-write.
///
/// The owner calls `deallocate` once; every access is bounds-checked.
struct FlatBuffer<Element: BitwiseCopyable> {
    private let base: UnsafeMutablePointer<Element>
    let count: Int

    private static var cacheLine: Int { 64 }

    init(_ elements: [Element]) {
        self.init(count: elements.count) { _ = $0.initialize(from: elements) }
    }

    /// - Parameter fill: initializes every element.
    init(count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) -> Void) {
        base = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: FlatBuffer.cacheLine
        ).bindMemory(to: Element.self, capacity: max(count, 1))
        self.count = count
        fill(UnsafeMutableBufferPointer(start: base, count: count))
    }

    func deallocate() {
        base.deallocate()
    }

    @inline(__always)
    func contains(_ index: Int32) -> Bool { index >= 0 && Int(index) < count }

    @inline(__always)
    subscript(index: Int32) -> Element {
        precondition(contains(index), "an index that did not come from this table")
        return base[Int(index)]
    }

    /// Where an element lies, for readers of a few of its fields; valid while the owner lives.
    @inline(__always)
    func pointer(_ index: Int32) -> UnsafePointer<Element> {
        precondition(contains(index), "an index that did not come from this table")
        return UnsafePointer(base + Int(index))
    }

    /// The elements of a range as a borrowed buffer, valid while the owner lives.
    @inline(__always)
    func slice(_ start: Int32, _ length: Int32) -> UnsafeBufferPointer<Element> {
        precondition(
            start >= 0 && length >= 0 && Int(start) + Int(length) <= count, "a range that did not come from this table")
        return UnsafeBufferPointer(start: base + Int(start), count: Int(length))
    }
}
