internal import Glibc

/// How much memory this process may use: the tightest limit of its control group and of those around it (cgroups(7),
/// versions 1 and 2).
package enum MemoryLimit {
    /// Version 1 says "none" with the largest multiple of a page.
    private static let unlimited: UInt64 = 1 << 60

    /// Bytes; nil when there is no limit, or none can be read.
    package static func ofProcess() -> UInt64? { tightest(reading: contents) }

    /// Bytes of memory that the machine has.
    package static func ofMachine() -> UInt64 {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? UInt64(pages).multipliedReportingOverflow(by: UInt64(size)).partialValue : 0
    }

    /// - Parameter read: a file's text; nil for one that is not there.
    static func tightest(reading read: (String) -> String?) -> UInt64? {
        guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else { return nil }
        return mounts.split(separator: "\n").compactMap(Mount.init).flatMap { mount -> [UInt64] in
            guard let path = mount.path(in: groups) else { return [] }
            return mount.folders(to: path).compactMap { limit(read("\($0)/\(mount.file)")) }
        }.min()
    }

    private static func limit(_ text: String?) -> UInt64? {
        guard let word = text?.split(whereSeparator: \.isWhitespace).first, let bytes = UInt64(word) else { return nil }
        return bytes < unlimited ? bytes : nil
    }

    /// Where the memory controller's files are (mountinfo in proc(5)).
    private struct Mount {
        private let root: Substring
        private let point: Substring
        private let isUnified: Bool

        var file: String { isUnified ? "memory.max" : "memory.limit_in_bytes" }

        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 3, dash >= 6 else { return nil }
            switch fields[dash + 1] {
            case "cgroup2": isUnified = true
            case "cgroup" where fields[dash + 3].split(separator: ",").contains("memory"): isUnified = false
            default: return nil
            }
            root = fields[3]
            point = fields[4]
        }

        /// The process's group in this hierarchy: a line `ID:CONTROLLERS:PATH`.
        func path(in groups: String) -> Substring? {
            for line in groups.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard parts.count == 3 else { continue }
                let isOwn = isUnified ? parts[1].isEmpty : parts[1].split(separator: ",").contains("memory")
                if isOwn { return parts[2] }
            }
            return nil
        }

        /// The folders of the group and of those around it, as far as they are mounted.
        func folders(to path: Substring) -> [String] {
            var names = path.split(separator: "/")
            let hidden = root.split(separator: "/")
            // A group outside of what is mounted is that of a container seen from inside: the mount is its own.
            names = names.starts(with: hidden) ? Array(names.dropFirst(hidden.count)) : []
            guard !names.contains("..") else { return [String(point)] }
            return (0...names.count).map {
                ([String(point)] + names.prefix($0).map(String.init)).joined(separator: "/")
            }
        }
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = fread(&room, 1, room.count, file)
            guard count > 0 else { break }
            bytes += room[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
