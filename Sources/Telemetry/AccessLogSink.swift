internal import CLinux
internal import Glibc
internal import Synchronization

/// A piece of access log on its way from a worker to the writer.
struct AccessLogChunk: @unchecked Sendable {
    let memory: UnsafeMutableRawBufferPointer
    /// Bytes in use.
    var count = 0
    /// Records in these bytes.
    var records = 0

    init() {
        memory = .allocate(byteCount: TelemetryLimits.accessLogBufferBytes, alignment: 16)
    }
}

/// Takes access log buffers from all workers and writes them to a file descriptor.
///
/// Workers lock only to hand a buffer over. What the writer cannot keep up with is dropped and counted: the access
/// log never holds a request up.
package final class AccessLogSink: Sendable {
    private struct State {
        var queue: [AccessLogChunk] = []
        var free: [AccessLogChunk] = []
        var written = 0
    }

    /// How far a drain came.
    package enum Progress: Sendable, Equatable {
        /// Everything handed over is written.
        case drained
        /// The descriptor takes no more for now: call again when it is writable, or after a moment.
        case blocked
        /// The descriptor is broken; what waited is dropped, this many records of it.
        case failed(errno: Int32, dropped: Int)
    }

    private let descriptor: Int32
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - descriptor: where to write; stays open, and is the caller's to close.
    ///   - wake: called on a worker's thread after a hand-over to an empty queue, to have `drain` called on
    ///     the writer's thread.
    package init(descriptor: Int32, wake: @escaping @Sendable () -> Void = {}) {
        self.descriptor = descriptor
        self.wake = wake
    }

    deinit {
        state.withLock { state in
            for chunk in state.queue + state.free { chunk.memory.deallocate() }
        }
    }

    /// A buffer to write into.
    func takeFree() -> AccessLogChunk {
        state.withLock { $0.free.popLast() } ?? AccessLogChunk()
    }

    /// Takes an unused buffer back. A few are kept for the next hand-overs, the rest is freed.
    func giveBack(_ chunk: AccessLogChunk) {
        var empty = chunk
        empty.count = 0
        empty.records = 0
        let kept = state.withLock { state in
            guard state.free.count < AccessLogSink.keptBuffers else { return false }
            state.free.append(empty)
            return true
        }
        if !kept { chunk.memory.deallocate() }
    }

    /// Queues a buffer for the writer. Returns the records lost because the queue is full.
    func handOver(_ chunk: AccessLogChunk) -> Int {
        let (isQueued, isFirst) = state.withLock { state in
            guard state.queue.count < TelemetryLimits.accessLogQueuedBuffers else { return (false, false) }
            state.queue.append(chunk)
            return (true, state.queue.count == 1)
        }
        guard isQueued else {
            let lost = chunk.records
            giveBack(chunk)
            return lost
        }
        if isFirst { wake() }
        return 0
    }

    /// Free buffers kept: one hand-over of every worker of a usual machine.
    private static let keptBuffers = 8
}

// MARK: - The writer

extension AccessLogSink {
    /// Writes what is queued, and never blocks. Only the writer's thread may call this.
    package func drain() -> Progress {
        while let (chunk, start) = state.withLock({ state in state.queue.first.map { ($0, state.written) } }) {
            switch write(chunk, from: start) {
            case .progressed(let end) where end < chunk.count:
                state.withLock { $0.written = end }
            case .progressed:
                finishFirst()
            case .blocked:
                return .blocked
            case .failed(let code):
                return .failed(errno: code, dropped: dropQueue())
            }
        }
        return .drained
    }

    private enum Step {
        case progressed(Int)
        case blocked
        case failed(Int32)
    }

    /// Writes at most as much as a pipe that polls writable takes without blocking. The descriptor is shared with
    /// other processes (a container's stdout), so it is not ours to make non-blocking.
    private func write(_ chunk: AccessLogChunk, from start: Int) -> Step {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&polled, 1, 0)
        guard ready > 0 else { return ready < 0 && errno != EINTR ? .failed(errno) : .blocked }
        guard polled.revents & Int16(POLLNVAL) == 0 else { return .failed(EBADF) }
        guard let base = chunk.memory.baseAddress, start < chunk.count else { return .progressed(chunk.count) }
        let written = CLinux.write(descriptor, base + start, min(chunk.count - start, Int(PIPE_BUF)))
        guard written < 0 else { return .progressed(start + written) }
        return errno == EAGAIN || errno == EINTR ? .blocked : .failed(errno)
    }

    private func finishFirst() {
        let chunk = state.withLock { state in
            state.written = 0
            return state.queue.removeFirst()
        }
        giveBack(chunk)
    }

    private func dropQueue() -> Int {
        let chunks = state.withLock { state in
            defer { state.queue = [] }
            state.written = 0
            return state.queue
        }
        for chunk in chunks { giveBack(chunk) }
        return chunks.reduce(0) { $0 + $1.records }
    }
}
