import FuzzDriver
import ReactorFuzz
import Testing

@Suite struct ReactorFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "\n", "\0", " ", ":", "/", "..", ",", " - ", "cgroup2 cgroup rw", "cgroup cgroup rw,memory", "memory", "0::/",
        "max",
        "18446744073709551615", "9223372036854771712", "99999999999999999999", "-1", "[", "]", "%", "65536",
    ])

    @Test func noTextOfTheKernelsBreaksTheMemoryLimit() {
        let seeds = [
            "0::/kubepods/pod1\n\0" + "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw\n\0" + "134217728\n",
            "5:memory:/kubepods/pod1\n4:cpu:/\n\0"
                + "33 25 0:28 /kubepods /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\0"
                + "9223372036854771712\n",
        ].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, ReactorFuzz.memoryLimit) == [])
    }

    @Test func addressesWithPortsStayWhatTheyAre() {
        let seeds = ["127.0.0.1:80", "[fd00::1]:15001", "[::ffff:10.0.0.1]:1", "0.0.0.0:0"].map { Array($0.utf8) }
        #expect(Self.driver.findings(seeds, cutsShort: true, ReactorFuzz.address) == [])
    }
}
