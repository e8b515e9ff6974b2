import CCap
import Glibc
import Testing

@testable import Interception

@Suite("Privileges")
struct PrivilegesTests {
    @Test("Root becomes the proxy's user with no group, no capability, no way back")
    func rootDrops() async {
        await #expect(processExitsWith: .success) {
            let failures = failuresInSingleThreadedChild {
                try Privileges.dropToProxyUser(uid: 1337, gid: 1338)
                // Already that user, without capabilities: nothing to do, and no error.
                try Privileges.dropToProxyUser(uid: 1337, gid: 1338)
                var groups = [gid_t](repeating: 0, count: 64)
                return [
                    ("user", getuid() == 1337 && geteuid() == 1337), ("group", getgid() == 1338 && getegid() == 1338),
                    ("no groups", getgroups(64, &groups) == 0), ("no way back", setuid(0) != 0),
                    ("no_new_privs", Capabilities.gainingPrivilegesIsForbidden),
                    ("no capability", try heldCapabilities().isEmpty), ("empty bounding set", boundingSet().isEmpty),
                ]
            }
            #expect(failures == [])
        }
    }

    @Test("Another user that holds capabilities stays who it is and loses them")
    func otherUserLosesCapabilities() async {
        await #expect(processExitsWith: .success) {
            let failures = failuresInSingleThreadedChild {
                _ = cap_prctl(Int(PR_SET_KEEPCAPS), 1, 0, 0, 0, 0)
                let changed = setgid(2000) == 0 && setuid(2000) == 0
                try Capabilities.keepOnly([CAP_NET_ADMIN])
                try Capabilities.passOn([CAP_NET_ADMIN])
                let held = try heldCapabilities()
                try Privileges.dropToProxyUser()
                return [
                    ("changed user", changed && getuid() == 2000 && getgid() == 2000),
                    ("had a capability", held == [CAP_NET_ADMIN]), ("no capability", try heldCapabilities().isEmpty),
                    ("empty ambient set", cap_get_ambient(CAP_NET_ADMIN) == 0),
                    ("no_new_privs", Capabilities.gainingPrivilegesIsForbidden),
                ]
            }
            #expect(failures == [])
        }
    }

    @Test("intercept keeps NET_ADMIN and NET_RAW only")
    func interceptKeepsTwo() async {
        await #expect(processExitsWith: .success) {
            try Privileges.requireNetAdmin()
            for flag in [CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE] {
                #expect(try heldCapabilities([flag]) == [CAP_NET_ADMIN, CAP_NET_RAW])
            }
            #expect(boundingSet() == [CAP_NET_ADMIN, CAP_NET_RAW])
        }
    }

    @Test("Without the capabilities intercept says which are missing")
    func missingCapabilities() async {
        await #expect(processExitsWith: .success) {
            try Capabilities.keepOnly([CAP_NET_RAW])
            #expect(throws: InterceptError.missingCapabilities(["NET_ADMIN"])) { try Privileges.requireNetAdmin() }
        }
    }

    @Test("Every right that is left in a thread's status is found")
    func violations() {
        let clean = "Uid:\t1337\t1337\t1337\t1337\nGid:\t1\t1\t1\t1\nGroups:\t \nCapEff:\t0000000000000000"
        #expect(PrivilegeCheck.violation(in: clean, uid: 1337, gid: 1) == nil)
        #expect(PrivilegeCheck.violation(in: clean, uid: 1338, gid: nil) != nil)
        for (from, to) in [("1337\nGid", "0\nGid"), ("Groups:\t ", "Groups:\t0 "), ("0000", "0400")] {
            let status = clean.replacing(from, with: to)
            #expect(PrivilegeCheck.violation(in: status, uid: 1337, gid: 1) != nil)
        }
    }
}

/// Capabilities in any of the given sets of the calling thread.
private func heldCapabilities(
    _ flags: [cap_flag_t] = [CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE]
) throws -> [Int32] {
    try (0..<cap_max_bits()).filter { value in try flags.contains { try Capabilities.holds(value, in: $0) } }
}

private func boundingSet() -> [Int32] { (0..<cap_max_bits()).filter { cap_get_bound($0) == 1 } }
