internal import Glibc

/// Reads back from the kernel what every thread of the process may do.
enum PrivilegeCheck {
    private static let maximumBytes = 64 * 1024

    /// - Parameters:
    ///   - uid: Who every thread must be; nil for anybody but root.
    ///   - gid: The group of every thread, which then must have no further groups; nil for any.
    /// - Throws: `InterceptError.system`, naming the thread and the field that is wrong.
    static func assertNone(uid: UInt32?, gid: UInt32?) throws(InterceptError) {
        guard Capabilities.gainingPrivilegesIsForbidden else {
            throw .system(call: "dropping privileges", reason: "no_new_privs is not set")
        }
        let threads = threadNames()
        guard !threads.isEmpty else { throw .system(call: "reading /proc/self/task", reason: errorText(errno)) }
        for thread in threads {
            let path = "/proc/self/task/\(thread)/status"
            // A thread may end while we look; what has ended holds nothing.
            guard case .text(let status) = SmallFile.read(path, limit: maximumBytes) else { continue }
            if let wrong = violation(in: status, uid: uid, gid: gid) {
                throw .system(call: "dropping privileges", reason: "thread \(thread) still has \(wrong)")
            }
        }
    }

    /// The first line of a `/proc/<pid>/status` text that shows a right which should be gone.
    static func violation(in status: String, uid: UInt32?, gid: UInt32?) -> String? {
        for line in status.textLines {
            let words = line.split { $0 == "\t" || $0 == " " }.map { String($0) }
            guard let field = words.first else { continue }
            let values = words.dropFirst()
            let isFine =
                switch field {
                case "Uid:": values.allSatisfy { $0 == uid.map { "\($0)" } ?? $0 && $0 != "0" }
                case "Gid:": values.allSatisfy { $0 == gid.map { "\($0)" } ?? $0 }
                case "Groups:": gid == nil || values.isEmpty
                case "CapInh:", "CapPrm:", "CapEff:", "CapAmb:":
                    values.allSatisfy { value in value.allSatisfy { $0 == "0" } }
                default: true
                }
            if !isFine { return words.joined(separator: " ") }
        }
        return nil
    }

    private static func threadNames() -> [String] {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
