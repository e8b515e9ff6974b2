import Foundation
import Glibc

/// A bound on the memory of processes, as a container has one: a control group of the test's own, version 2 or 1. Where
/// none can be made, each process's own data are bounded (RLIMIT_DATA).
final class MemoryGroup {
    private static let limitFiles = ["memory.max", "memory.limit_in_bytes"]
    private let bytes: Int
    /// Nil without a control group.
    private let folder: String?

    init(bytes: Int) {
        self.bytes = bytes
        folder = Self.make(in: "/sys/fs/cgroup", bytes) ?? Self.make(in: "/sys/fs/cgroup/memory", bytes)
    }

    private static func make(in parent: String, _ bytes: Int) -> String? {
        let folder = "\(parent)/weir-test-\(getpid())-\(UInt32.random(in: .min ... .max))"
        guard mkdir(folder, 0o755) == 0 else { return nil }
        for file in limitFiles where write("\(bytes)", "\(folder)/\(file)") {
            // Memory that is swapped out would hide how much there is.
            _ = write("0", "\(folder)/memory.swap.max") || write("0", "\(folder)/memory.swappiness")
            return folder
        }
        rmdir(folder)
        return nil
    }

    private static func write(_ text: String, _ file: String) -> Bool {
        let descriptor = open(file, O_WRONLY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
    }

    /// Puts a process under the bound. What it has taken before does not count.
    func add(_ process: ChildProcess) throws {
        if let folder {
            guard Self.write("\(process.pid)", folder + "/cgroup.procs") else { throw Failure.system("cgroup.procs") }
        } else {
            let outcome = try run(["prlimit", "--pid", "\(process.pid)", "--data=\(bytes)"])
            guard outcome.code == 0 else { throw Failure("prlimit: \(outcome.errors)") }
        }
    }

    /// For those that have ended.
    func remove() {
        guard let folder else { return }
        // The kernel takes a moment to notice that the last process has gone.
        try? eventually("the control group is empty") { rmdir(folder) == 0 || errno != EBUSY }
    }
}
