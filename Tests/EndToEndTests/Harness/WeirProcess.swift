import Foundation
import Glibc

/// The binary under test.
enum WeirBinary {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// WEIR_BINARY, else the release build, else the debug build.
    static func path() throws -> String {
        if let chosen = ProcessInfo.processInfo.environment["WEIR_BINARY"], !chosen.isEmpty {
            guard access(chosen, X_OK) == 0 else { throw Failure("WEIR_BINARY: \(chosen) is not an executable file") }
            return chosen
        }
        let candidates = ["release", "debug"].map { "\(root)/.build/\($0)/weir" }
        if let found = candidates.first(where: { access($0, X_OK) == 0 }) { return found }
        throw Failure("no weir binary: build one (swift build -c release --product weir) or set WEIR_BINARY")
    }
}

/// Closes every descriptor from this one on; glibc keeps it to GNU programs.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func closeInChild(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32

/// A process that a test has started, with its output in files.
final class ChildProcess: @unchecked Sendable {
    let pid: pid_t
    private let output: String
    private var status: Int32?

    /// - Parameter folder: where `stdout` and `stderr` are written.
    init(_ words: [String], environment: [String: String] = [:], folder: String, name: String = "weir") throws {
        Descriptors.raiseLimit()
        output = "\(folder)/\(name)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output + ".out", O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, output + ".err", O_WRONLY | O_CREAT | O_APPEND, 0o644)
        // Sockets of tests that run beside this one are not the child's: a connection ends with the last copy of its
        // socket.
        _ = closeInChild(&actions, 3)
        // The test runner's blocked signals are not the child's.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WEIR_") }
        variables.merge(environment) { $1 }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + settings { free(text) } }
        var started: pid_t = 0
        let outcome = posix_spawnp(&started, words[0], &actions, &attributes, &arguments, &settings)
        guard outcome == 0 else { throw Failure("cannot start \(words[0]): \(String(cString: strerror(outcome)))") }
        pid = started
    }

    var standardOutput: String { (try? String(contentsOfFile: output + ".out", encoding: .utf8)) ?? "" }
    var standardError: String { (try? String(contentsOfFile: output + ".err", encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) {
        if status == nil { kill(pid, number) }
    }

    var isRunning: Bool {
        if status != nil { return false }
        var state: Int32 = 0
        if waitpid(pid, &state, WNOHANG) == pid { status = state }
        return status == nil
    }

    /// Waits for the end; the exit code, or minus the signal.
    func wait() throws -> Int {
        try eventually("the end of process \(pid)") { !isRunning }
        let state = status ?? 0
        return state & 0x7f == 0 ? Int(state >> 8 & 0xff) : -Int(state & 0x7f)
    }

    /// Ends it whatever it does.
    func end() {
        guard isRunning else { return }
        kill(pid, SIGKILL)
        var state: Int32 = 0
        waitpid(pid, &state, 0)
        status = state
    }

    /// A line of `/proc/PID/status`, without its name.
    func procStatus(_ name: String) -> String {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
        return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
    }

    /// Memory of its own that is resident, in bytes. Pages of the program's file are left out: they come with the first
    /// use of any code and go when the proxy gives them back, whatever connections cost.
    var residentBytes: Int { (Int(procStatus("RssAnon").split(separator: " ").first ?? "") ?? 0) * 1024 }
}

/// A folder of a test's own that the unprivileged proxy can read.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/weir-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.system("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    /// Writes under another name and renames into place, as careful editors do.
    func write(_ name: String, _ text: String) throws {
        try makeFolder((name as NSString).deletingLastPathComponent)
        let temporary = "\(path)/.\((name as NSString).lastPathComponent).new"
        try text.write(toFile: temporary, atomically: false, encoding: .utf8)
        guard rename(temporary, "\(path)/\(name)") == 0 else { throw Failure.system("rename \(name)") }
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }

    /// Removes one file.
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs a command to its end.
@discardableResult
func run(_ words: [String], environment: [String: String] = [:]) throws -> (code: Int, output: String, errors: String) {
    let folder = try TestFolder()
    defer { folder.remove() }
    let child = try ChildProcess(words, environment: environment, folder: folder.path)
    defer { child.end() }
    let code = try child.wait()
    return (code, child.standardOutput, child.standardError)
}

func weir(_ words: String..., environment: [String: String] = [:]) throws -> (code: Int, output: String, errors: String)
{
    try run([WeirBinary.path()] + words, environment: environment)
}
