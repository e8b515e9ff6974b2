internal import CLinux
internal import Glibc

/// Signals as events of an event loop's thread. Blocked before any other thread starts, so that none takes them.
package final class SignalSource {
    package let descriptor: Int32

    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        descriptor = signalfd(-1, &set, weir_signalfd_flags())
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        // A peer that closes early must not end the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next signal that has come; nil when there is none.
    package func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        return read(descriptor, &info, size) == size ? Int32(info.ssi_signo) : nil
    }
}
