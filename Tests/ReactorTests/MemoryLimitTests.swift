import Testing

@testable import Reactor

@Suite struct MemoryLimitTests {
    private func limit(_ files: [String: String]) -> UInt64? { MemoryLimit.tightest { files[$0] } }

    private static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"

    @Test func theTightestGroupAroundTheProcessCounts() {
        let files = [
            "/proc/self/cgroup": "0::/kubepods/pod7/c1\n", "/proc/self/mountinfo": MemoryLimitTests.unified,
            "/sys/fs/cgroup/kubepods/memory.max": "8000000000\n",
            "/sys/fs/cgroup/kubepods/pod7/memory.max": "134217728\n",
            "/sys/fs/cgroup/kubepods/pod7/c1/memory.max": "max\n",
        ]
        #expect(limit(files) == 134_217_728)
    }

    @Test func versionOneIsReadWhereItHasTheMemory() {
        let files = [
            "/proc/self/cgroup": "9:name=systemd:/x\n4:cpu,memory:/docker/abc\n0::/\n",
            "/proc/self/mountinfo": """
            33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
            34 30 0:30 / /sys/fs/cgroup/memory rw,relatime shared:1 - cgroup cgroup rw,cpu,memory
            \(MemoryLimitTests.unified)
            """,
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "67108864\n",
        ]
        #expect(limit(files) == 67_108_864)
    }

    @Test func aContainerSeesItsOwnGroupAtTheMountWhateverItsPathSays() {
        let files = [
            "/proc/self/cgroup": "4:memory:/kubepods/pod7/c1\n",
            "/proc/self/mountinfo": "34 30 0:30 /kubepods/pod7/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n",
        ]
        #expect(limit(files) == 134_217_728)
        let other = [
            "/proc/self/cgroup": "0::/../../elsewhere\n", "/proc/self/mountinfo": MemoryLimitTests.unified,
            "/sys/fs/cgroup/memory.max": "99\n",
        ]
        #expect(limit(other) == 99)
    }

    @Test(arguments: ["max\n", "", "0x10", "-5", "9223372036854771712"])
    func whatIsNoLimitIsNone(_ text: String) {
        #expect(
            limit([
                "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": MemoryLimitTests.unified,
                "/sys/fs/cgroup/memory.max": text,
            ]) == nil)
    }

    @Test func withoutTheFilesThereIsNone() {
        #expect(limit([:]) == nil)
        #expect(limit(["/proc/self/cgroup": "junk", "/proc/self/mountinfo": "junk - \n - a b c"]) == nil)
    }
}
