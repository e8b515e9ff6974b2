import Glibc

/// How many cores this process may use.
enum CPUQuota {
    /// The cgroup's quota rounded up, but no more than the machine's cores; at least 1.
    static func cores() -> Int {
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard let quota = quota() else { return online }
        return max(1, min(online, quota))
    }

    /// `cpu.max` of the unified hierarchy: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
    private static func quota() -> Int? {
        guard let file = fopen("/sys/fs/cgroup/cpu.max", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { return nil }
        return (parts[0] + parts[1] - 1) / parts[1]
    }
}
