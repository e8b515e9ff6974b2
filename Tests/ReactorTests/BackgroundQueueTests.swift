import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct BackgroundQueueTests {
    @Test func resultsComeBackOnTheLoopInTheOrderAskedFor() throws {
        let loop = try EventLoop()
        let queue = try BackgroundQueue(loop: loop)
        let here = pthread_self()
        var results: [Int] = []
        var wereElsewhere: [Bool] = []
        for number in 0..<100 {
            queue.run {
                (number, pthread_equal(pthread_self(), here) == 0)
            } _: { result in
                results.append(result.0)
                wereElsewhere.append(result.1)
                if results.count == 100 { loop.stop() }
            }
        }
        loop.run()
        #expect(results == Array(0..<100))
        #expect(!wereElsewhere.contains(false))
    }

    @Test func theLoopGoesOnWhileSomethingIsComputed() throws {
        let loop = try EventLoop()
        let queue = try BackgroundQueue(loop: loop)
        let isOpen = Atomic<Bool>(false)
        let gate = try Gate()
        var turns = 0
        var sawOpen = false
        queue.run {
            gate.wait()
        } _: {
            sawOpen = isOpen.load(ordering: .relaxed)
            loop.stop()
        }
        func turn() {
            turns += 1
            guard turns == 50 else { return _ = loop.after(0, turn) }
            isOpen.store(true, ordering: .relaxed)
            gate.open()
        }
        loop.after(0, turn)
        loop.run()
        #expect(turns == 50)
        #expect(sawOpen)
    }

    /// What asks again from a result's taker finds the thread at its end, or a new one.
    @Test func oneJobMayFollowAnother() throws {
        let loop = try EventLoop()
        let queue = try BackgroundQueue(loop: loop)
        var sum = 0
        func next(_ number: Int) {
            queue.run {
                number
            } _: { number in
                sum += number
                number < 200 ? next(number + 1) : loop.stop()
            }
        }
        next(1)
        loop.run()
        #expect(sum == 20100)
    }
}

/// Where a thread waits until another lets it go on.
private final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() throws {
        var pair: [Int32] = [0, 0]
        guard pipe(&pair) == 0 else { throw SystemError("pipe") }
        ends = (pair[0], pair[1])
    }

    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
        close(ends.read)
    }

    func open() { close(ends.write) }
}
