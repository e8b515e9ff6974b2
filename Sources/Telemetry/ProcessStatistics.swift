internal import CLinux
internal import Glibc

/// What the kernel says of this process, as Prometheus' client libraries name it.
package struct ProcessStatistics: Equatable, Sendable {
    package var cpuSeconds: Double = 0
    package var residentBytes: UInt64 = 0
    package var virtualBytes: UInt64 = 0
    package var threads: UInt64 = 0
    /// In seconds since 1970.
    package var startSeconds: Double = 0
    package var openDescriptors: UInt64 = 0
    package var descriptorLimit: UInt64 = 0

    /// Reads /proc; nil where it cannot be read.
    package static func current() -> ProcessStatistics? {
        guard
            var statistics = ProcessStatistics(
                stat: ProcFile.text("/proc/self/stat"), system: ProcFile.text("/proc/stat"),
                ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageBytes: sysconf(Int32(_SC_PAGESIZE)))
        else { return nil }
        statistics.openDescriptors = ProcFile.entries("/proc/self/fd")
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            statistics.descriptorLimit = UInt64(limit.rlim_cur)
        }
        return statistics
    }

    /// - Parameters:
    ///   - stat: the text of /proc/self/stat (proc(5)); the program's name in it may hold blanks and parentheses.
    ///   - system: the text of /proc/stat, of which the time of the boot is read.
    init?(stat: String, system: String, ticksPerSecond: Int, pageBytes: Int) {
        guard ticksPerSecond > 0, pageBytes > 0, let end = stat.lastIndex(of: ")") else { return nil }
        // From the third field, the state, on.
        let fields = stat[stat.index(after: end)...].split(separator: " ").map { UInt64($0) ?? 0 }
        guard fields.count > 21 else { return nil }
        let ticks = Double(ticksPerSecond)
        cpuSeconds = (Double(fields[11]) + Double(fields[12])) / ticks
        threads = fields[17]
        virtualBytes = fields[20]
        residentBytes = fields[21].multipliedReportingOverflow(by: UInt64(pageBytes)).partialValue
        let boot = system.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { UInt64($0.dropFirst(6)) }
        startSeconds = Double(boot ?? 0) + Double(fields[19]) / ticks
    }
}

/// Small files of the kernel's, read whole.
private enum ProcFile {
    static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < TelemetryLimits.procFileBytes {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Entries of a folder, without the one that looking takes.
    static func entries(_ path: String) -> UInt64 {
        guard let folder = opendir(path) else { return 0 }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count == 0 ? 0 : count - 1
    }
}
