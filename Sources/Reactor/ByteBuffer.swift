internal import Glibc

/// Bytes that wait: a partial head, or what the other side could not take yet. Most connections own none.
@frozen
package struct ByteBuffer: BitwiseCopyable {
    package var base: UnsafeMutableRawPointer?
    package var start: UInt32 = 0
    package var end: UInt32 = 0
    package var capacity: UInt32 = 0

    package init() {}

    @inlinable package var isEmpty: Bool { start == end }
    @inlinable package var count: Int { Int(end &- start) }

    @inlinable package var bytes: UnsafeRawBufferPointer {
        guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + Int(start), count: count)
    }

    /// The room behind the bytes.
    @inlinable package var spare: UnsafeMutableRawBufferPointer {
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + Int(end), count: Int(capacity &- end))
    }

    /// Drops bytes from the front.
    @inlinable package mutating func consume(_ amount: Int) {
        precondition(amount >= 0 && amount <= count)
        start &+= UInt32(truncatingIfNeeded: amount)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Counts bytes that were written into `spare`.
    @inlinable package mutating func produced(_ amount: Int) {
        precondition(amount >= 0 && amount <= Int(capacity &- end))
        end &+= UInt32(truncatingIfNeeded: amount)
    }
}

/// Blocks of four sizes for one thread, kept in free lists between uses.
package struct BufferPool: ~Copyable {
    /// A request's head for a second try; a partial head; what one full read leaves over, or the longest head; the same
    /// with a whole head and its framing around it.
    package static let small = 2 << 10
    package static let medium = 16 << 10
    package static let full = 80 << 10
    package static let large = 176 << 10
    private static let sizes = 4

    private let lists: UnsafeMutablePointer<FreeList>
    private let heldBytes: UnsafeMutablePointer<Int>

    package init() {
        lists = .allocate(capacity: BufferPool.sizes)
        lists.initialize(repeating: FreeList(), count: BufferPool.sizes)
        for list in 0..<BufferPool.sizes { lists[list].kept = BufferPool.kept(of: list) }
        heldBytes = .allocate(capacity: 1)
        heldBytes.initialize(to: 0)
    }

    deinit {
        for position in 0..<BufferPool.sizes {
            while let block = lists[position].pop() { block.deallocate() }
        }
        lists.deallocate()
        heldBytes.deallocate()
    }

    /// Bytes of the blocks that buffers own.
    package var held: Int { heldBytes.pointee }

    /// Appends, taking or exchanging the buffer's block as needed; false (nothing appended) beyond the largest size.
    package func append(_ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) -> Bool {
        if bytes.isEmpty { return true }
        guard reserve(bytes.count, in: &buffer) else { return false }
        buffer.spare.copyMemory(from: bytes)
        buffer.produced(bytes.count)
        return true
    }

    /// Makes room for `amount` bytes behind those that are there.
    package func reserve(_ amount: Int, in buffer: inout ByteBuffer) -> Bool {
        if buffer.base != nil && Int(buffer.capacity &- buffer.end) >= amount { return true }
        let needed = buffer.count + amount
        guard needed <= BufferPool.large else { return false }
        if let base = buffer.base, Int(buffer.capacity) >= needed {
            memmove(base, base + Int(buffer.start), buffer.count)
            buffer.end = UInt32(buffer.count)
            buffer.start = 0
            return true
        }
        var larger = take(needed)
        if let source = buffer.base {
            larger.base?.copyMemory(from: source + Int(buffer.start), byteCount: buffer.count)
            larger.end = UInt32(buffer.count)
        }
        release(&buffer)
        buffer = larger
        return true
    }

    /// Gives the block back; the buffer is empty and owns nothing afterwards.
    package func release(_ buffer: inout ByteBuffer) {
        guard let base = buffer.base else { return }
        lists[BufferPool.list(of: Int(buffer.capacity))].push(base)
        heldBytes.pointee -= Int(buffer.capacity)
        buffer = ByteBuffer()
    }

    private func take(_ needed: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        let list = BufferPool.list(of: needed)
        let size = BufferPool.size(of: list)
        buffer.base = lists[list].pop() ?? UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        buffer.capacity = UInt32(size)
        heldBytes.pointee += size
        return buffer
    }

    private static func list(of size: Int) -> Int { size <= small ? 0 : size <= medium ? 1 : size <= full ? 2 : 3 }

    private static func size(of list: Int) -> Int { list == 0 ? small : list == 1 ? medium : list == 2 ? full : large }

    /// Free blocks kept of a size; more are given back to the system.
    private static func kept(of list: Int) -> Int { list < 2 ? 64 : list == 2 ? 32 : 8 }
}

/// Free blocks of one size; each one's first word holds the next.
private struct FreeList {
    var kept = 0
    private var head: UnsafeMutableRawPointer?
    private var count = 0

    mutating func pop() -> UnsafeMutableRawPointer? {
        guard let block = head else { return nil }
        head = block.load(as: UnsafeMutableRawPointer?.self)
        count -= 1
        return block
    }

    mutating func push(_ block: UnsafeMutableRawPointer) {
        guard count < kept else {
            block.deallocate()
            return
        }
        block.storeBytes(of: head, as: UnsafeMutableRawPointer?.self)
        head = block
        count += 1
    }
}
