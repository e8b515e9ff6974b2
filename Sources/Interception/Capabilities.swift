internal import CCap
internal import Glibc

/// The calling thread's capabilities, through libcap.
///
/// Linux keeps them per thread: what is dropped here is dropped for this thread and for what it starts later.
enum Capabilities {
    /// Whether a capability is in the permitted, effective or inheritable set.
    static func holds(_ capability: Int32, in flag: cap_flag_t) throws(InterceptError) -> Bool {
        let state = try current()
        defer { cap_free(UnsafeMutableRawPointer(state)) }
        var value = CAP_CLEAR
        try check("cap_get_flag", cap_get_flag(state, capability, flag, &value))
        return value == CAP_SET
    }

    /// Makes `kept` the whole of permitted, effective and inheritable; the ambient set becomes empty.
    static func keepOnly(_ kept: [Int32]) throws(InterceptError) {
        // Kernels before 4.3 have no ambient set, so none can be left in it.
        if cap_get_ambient(CAP_CHOWN) >= 0 { try check("cap_reset_ambient", cap_reset_ambient()) }
        guard let state = cap_init() else { throw failure("cap_init") }
        defer { cap_free(UnsafeMutableRawPointer(state)) }
        if !kept.isEmpty {
            for flag in [CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE] {
                try check("cap_set_flag", cap_set_flag(state, flag, Int32(kept.count), kept, CAP_SET))
            }
        }
        try check("cap_set_proc", cap_set_proc(state))
    }

    /// Hands `capabilities` on to programs this thread starts, whatever its user id. They must be inheritable.
    static func passOn(_ capabilities: [Int32]) throws(InterceptError) {
        guard cap_get_ambient(CAP_CHOWN) >= 0 else { return }
        for capability in capabilities {
            try check("cap_set_ambient", cap_set_ambient(capability, CAP_SET))
        }
    }

    /// Takes everything but `kept` out of the bounding set, so that no program started later can gain it.
    ///
    /// Needs SETPCAP; without it nothing happens, and `forbidGainingPrivileges` does the same duty.
    static func boundTo(_ kept: [Int32]) throws(InterceptError) {
        guard try holds(CAP_SETPCAP, in: CAP_EFFECTIVE) else { return }
        for capability in 0..<cap_max_bits() where !kept.contains(capability) {
            if cap_get_bound(capability) == 1 { try check("cap_drop_bound", cap_drop_bound(capability)) }
        }
    }

    /// no_new_privs: from here on no set-user-id bit or file capability adds anything.
    static func forbidGainingPrivileges() throws(InterceptError) {
        try check("prctl(PR_SET_NO_NEW_PRIVS)", cap_prctl(Int(PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0, 0))
    }

    static var gainingPrivilegesIsForbidden: Bool { cap_prctl(Int(PR_GET_NO_NEW_PRIVS), 0, 0, 0, 0, 0) == 1 }

    private static func current() throws(InterceptError) -> cap_t {
        guard let state = cap_get_proc() else { throw failure("cap_get_proc") }
        return state
    }

    private static func check(_ call: String, _ result: Int32) throws(InterceptError) {
        if result < 0 { throw failure(call) }
    }

    private static func failure(_ call: String) -> InterceptError { .system(call: call, reason: errorText(errno)) }
}
