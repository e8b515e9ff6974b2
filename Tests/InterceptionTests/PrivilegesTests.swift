import CCap
import Glibc
import Testing

@testable import Interception

@Suite("Privileges")
struct PrivilegesTests {
    @Test("Root becomes the proxy's user with no group, no capability, no way back")
    func rootDrops() async {
        await #expect(processExitsWith: .success) {
            try Privileges.dropToProxyUser(uid: 1337, gid: 1338)
            var groups = [gid_t](repeating: 0, count: 64)
            #expect(getuid() == 1337 && geteuid() == 1337 && getgid() == 1338 && getegid() == 1338)
            #expect(getgroups(64, &groups) == 0)
            #expect(setuid(0) != 0)
            #expect(Capabilities.gainingPrivilegesIsForbidden)
            for flag in [CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE] {
                for capability in 0..<cap_max_bits() { #expect(try !Capabilities.holds(capability, in: flag)) }
            }
            for capability in 0..<cap_max_bits() { #expect(cap_get_bound(capability) == 0) }
            // Already the proxy's user, without capabilities: nothing to do, and no error.
            try Privileges.dropToProxyUser(uid: 1337, gid: 1338)
        }
    }

    @Test("Another user that holds capabilities stays who it is and loses them")
    func otherUserLosesCapabilities() async {
        await #expect(processExitsWith: .success) {
            _ = cap_prctl(Int(PR_SET_KEEPCAPS), 1, 0, 0, 0, 0)
            #expect(setgid(2000) == 0 && setuid(2000) == 0)
            try Capabilities.keepOnly([CAP_NET_ADMIN])
            try Capabilities.passOn([CAP_NET_ADMIN])
            try Privileges.dropToProxyUser()
            #expect(getuid() == 2000)
            #expect(try !Capabilities.holds(CAP_NET_ADMIN, in: CAP_PERMITTED))
            #expect(cap_get_ambient(CAP_NET_ADMIN) == 0)
            #expect(Capabilities.gainingPrivilegesIsForbidden)
        }
    }

    @Test("intercept keeps NET_ADMIN and NET_RAW only")
    func interceptKeepsTwo() async {
        await #expect(processExitsWith: .success) {
            try Privileges.requireNetAdmin()
            let kept = [CAP_NET_ADMIN, CAP_NET_RAW]
            for flag in [CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE] {
                for value in 0..<cap_max_bits() { #expect(try Capabilities.holds(value, in: flag) == kept.contains(value)) }
            }
            for value in 0..<cap_max_bits() { #expect((cap_get_bound(value) == 1) == kept.contains(value)) }
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
