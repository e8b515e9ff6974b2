internal import Glibc

/// Runs one program to its end: no shell, fixed environment, bounded output, bounded time.
///
/// The child inherits network namespace and capabilities of the calling thread.
enum Subprocess {
    /// How it ended and what it printed.
    struct Outcome: Sendable {
        /// Exit status; 128 + signal when it was killed, as shells count.
        let status: Int32
        let output: String
        let diagnostics: String
        var succeeded: Bool { status == 0 }
    }

    /// More than this from one stream ends the program: no table of a pod comes near it.
    static let outputLimit = 4 * 1024 * 1024
    /// Longer than iptables waits for its lock.
    static let deadlineSeconds = 30

    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - input: Its whole standard input.
    /// - Throws: `InterceptError.system` when it cannot be started, runs too long or prints too much.
    static func run(
        _ path: String, _ arguments: [String], environment: [String], input: String = ""
    ) throws(InterceptError) -> Outcome {
        let channels = try Channels()
        defer { channels.close() }
        let child = try spawn(path, arguments, environment, channels)
        channels.closeChildEnds()

        var transfer = Transfer(input: Array(input.utf8))
        let failure = transfer.run(channels, deadline: now() + deadlineSeconds * 1000)
        // Only our own, not yet reaped child can have this id.
        if failure != nil { kill(child, SIGKILL) }
        let status = try wait(for: child)
        if let failure { throw .system(call: path, reason: failure) }
        return Outcome(
            status: status, output: String(decoding: transfer.output, as: UTF8.self),
            diagnostics: String(decoding: transfer.diagnostics, as: UTF8.self))
    }

    /// Milliseconds of the monotonic clock.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String], _ channels: Channels
    ) throws(InterceptError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, end) in channels.childEnds.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, end, Int32(stream))
        }
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child = pid_t()
        let code = posix_spawn(&child, path, &actions, nil, &argv, &envp)
        guard code == 0 else { throw .system(call: path, reason: errorText(code)) }
        return child
    }

    private static func wait(for child: pid_t) throws(InterceptError) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            if errno != EINTR { throw .system(call: "waitpid", reason: errorText(errno)) }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// What the C library says about an error number.
func errorText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
