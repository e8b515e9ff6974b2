internal import Glibc
internal import Reactor

/// One run of an exec plugin: its standard output is collected on the loop, bounded in size and time. Its errors go
/// where ours go.
final class ExecRun {
    private static let pollPause: UInt64 = 20_000_000

    private let loop: EventLoop
    private let command: String
    private var child: pid_t = -1
    private var output: Int32 = -1
    private var bytes: [UInt8] = []
    private var deadline: EventTimer?
    private var done: ((Result<[UInt8], APIError>) -> Void)?

    /// Starts the program. `done` is called once, later.
    init(
        _ plugin: ExecPlugin, information: String, loop: EventLoop,
        _ done: @escaping (Result<[UInt8], APIError>) -> Void
    ) throws(APIError) {
        self.loop = loop
        command = plugin.command
        self.done = done
        var environment = ProcessEnvironment.current
        for (name, value) in plugin.environment { environment[name] = value }
        environment["KUBERNETES_EXEC_INFO"] = information
        try start([plugin.command] + plugin.arguments, environment.map { "\($0)=\($1)" }, hint: plugin.installHint)
        deadline = loop.after(APILimits.pluginTimeout) { [weak self] in
            self?.fail("was not done after \(APILimits.pluginTimeout / 1_000_000_000) s and was ended")
        }
        loop.watch(output) { [weak self] _ in self?.read() }
    }

    deinit { release() }

    private func start(_ arguments: [String], _ environment: [String], hint: String?) throws(APIError) {
        var ends: [Int32] = [-1, -1]
        // A pipe and no socket pair: a script may open /dev/stdout, which a socket does not allow.
        guard unsafe pipe(&ends) == 0 else { throw .credentials("\(command): \(SystemError("pipe"))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        output = ends[0]
        // Our end alone: the program may write as it is used to.
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        let code = spawn(arguments, environment, output: ends[1])
        guard code == 0 else {
            close(output)
            output = -1
            throw .credentials("\(SystemError(command, code: code))\(hint.map { "; \($0)" } ?? "")")
        }
    }

    private func spawn(_ arguments: [String], _ environment: [String], output: Int32) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // Signals that this process takes by descriptor are blocked in it; the program must be able to take its own.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        return unsafe posix_spawnp(&child, arguments[0], &actions, &attributes, &argv, &envp)
    }

    private func read() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while output >= 0 {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(output, $0.baseAddress, $0.count) }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? () : fail(SystemError("read").description) }
            if count == 0 { return reap() }
            bytes += chunk[..<count]
            if bytes.count > APILimits.pluginOutput {
                return fail("printed more than \(APILimits.pluginOutput) bytes and was ended")
            }
        }
    }

    /// The program closed its output: it is ending, or will be ended at the deadline.
    private func reap() {
        closeOutput()
        var status: Int32 = 0
        let found = unsafe waitpid(child, &status, WNOHANG)
        guard found != 0 else {
            loop.after(Self.pollPause) { [weak self] in self?.reapAgain() }
            return
        }
        child = -1
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        guard code == 0 else { return fail("ended with status \(code)") }
        finish(.success(bytes))
    }

    private func reapAgain() {
        if done != nil { reap() }
    }

    private func fail(_ reason: String) {
        finish(.failure(.credentials("\(command) \(reason)")))
    }

    private func finish(_ result: Result<[UInt8], APIError>) {
        let done = done
        release()
        done?(result)
    }

    private func closeOutput() {
        guard output >= 0 else { return }
        loop.unwatch(output)
        close(output)
        output = -1
    }

    private func release() {
        done = nil
        if let deadline { loop.cancel(deadline) }
        closeOutput()
        guard child > 0 else { return }
        // Only our own, not yet reaped child can have this id.
        kill(child, SIGKILL)
        var status: Int32 = 0
        _ = unsafe waitpid(child, &status, 0)
        child = -1
    }
}
