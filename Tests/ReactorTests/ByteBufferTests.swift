import Testing

@testable import Reactor

@Suite struct ByteBufferTests {
    private func append(_ bytes: [UInt8], _ pool: borrowing BufferPool, _ buffer: inout ByteBuffer) -> Bool {
        var copy = buffer
        let isAppended = bytes.withUnsafeBytes { pool.append($0, to: &copy) }
        buffer = copy
        return isAppended
    }

    private func contents(_ buffer: ByteBuffer) -> [UInt8] { Array(buffer.bytes) }

    @Test func bytesSurviveEveryGrowth() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        var expected: [UInt8] = []
        var capacities: Set<UInt32> = []
        for round in 0..<170 {
            let part = [UInt8](repeating: UInt8(round), count: 1024)
            #expect(append(part, pool, &buffer))
            expected += part
            capacities.insert(buffer.capacity)
        }
        #expect(contents(buffer) == expected)
        #expect(
            capacities
                == Set([BufferPool.small, BufferPool.medium, BufferPool.full, BufferPool.large].map { UInt32($0) }))
        let held = pool.held
        pool.release(&buffer)
        let rest = pool.held
        #expect(held == BufferPool.large && rest == 0)
    }

    @Test func nothingIsAppendedBeyondTheLargestSize() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        #expect(append([UInt8](repeating: 1, count: BufferPool.large), pool, &buffer))
        #expect(!append([2], pool, &buffer))
        #expect(buffer.count == BufferPool.large)
        pool.release(&buffer)
        #expect(!append([UInt8](repeating: 1, count: BufferPool.large + 1), pool, &buffer))
        #expect(buffer.base == nil)
    }

    @Test func roomInFrontIsUsedBeforeALargerBlock() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        #expect(append([UInt8](repeating: 1, count: BufferPool.small - 8) + [2, 3], pool, &buffer))
        buffer.consume(BufferPool.small - 8)
        #expect(append([UInt8](repeating: 4, count: 100), pool, &buffer))
        #expect(buffer.capacity == UInt32(BufferPool.small))
        #expect(contents(buffer) == [2, 3] + [UInt8](repeating: 4, count: 100))
        pool.release(&buffer)
    }

    @Test func anEmptiedBufferStartsAtItsFront() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        #expect(append([1, 2, 3], pool, &buffer))
        buffer.consume(3)
        #expect(buffer.isEmpty && buffer.spare.count == BufferPool.small)
        pool.release(&buffer)
    }

    @Test func aReleasedBlockIsUsedAgainAndTheBufferOwnsNothing() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        #expect(append([1], pool, &buffer))
        let block = buffer.base
        pool.release(&buffer)
        #expect(buffer.base == nil && buffer.isEmpty)
        pool.release(&buffer)
        #expect(append([2], pool, &buffer))
        #expect(buffer.base == block)
        pool.release(&buffer)
    }

    @Test func appendingNothingTakesNoBlock() {
        let pool = BufferPool()
        var buffer = ByteBuffer()
        #expect(append([], pool, &buffer))
        #expect(buffer.base == nil)
    }
}
