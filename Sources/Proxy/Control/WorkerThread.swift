internal import Glibc
internal import Reactor

/// A worker on a thread of its own.
final class WorkerThread: @unchecked Sendable {
    let worker: Worker
    private var thread = pthread_t()

    init(_ worker: Worker) {
        self.worker = worker
    }

    /// Starts the thread; it ends with the worker's `run`.
    func start() throws(SystemError) {
        let opaque = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<WorkerThread>.fromOpaque(argument).takeRetainedValue().worker.run() }
                return nil
            }, opaque)
        guard status == 0 else { throw SystemError("pthread_create", code: status) }
    }

    func join() { pthread_join(thread, nil) }
}
