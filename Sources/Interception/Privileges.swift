internal import CCap
internal import Glibc

/// The rights a process of Weir runs with: NET_ADMIN and NET_RAW for `intercept`, none for the proxy.
package enum Privileges {
    /// Reduces the calling thread, and what it starts, to NET_ADMIN and NET_RAW.
    ///
    /// - Throws: `InterceptError.missingCapabilities` when one of the two is not there.
    package static func requireNetAdmin() throws(InterceptError) {
        let needed: [(name: String, value: Int32)] = [("NET_ADMIN", CAP_NET_ADMIN), ("NET_RAW", CAP_NET_RAW)]
        var missing: [String] = []
        for (name, value) in needed where try !Capabilities.holds(value, in: CAP_PERMITTED) { missing.append(name) }
        guard missing.isEmpty else { throw .missingCapabilities(missing) }

        let kept = needed.map(\.value)
        // Bounding first: it needs a capability that the next step drops.
        try Capabilities.boundTo(kept)
        try Capabilities.keepOnly(kept)
        // Root would get them on exec anyway; for any other user only the ambient set carries them into iptables.
        try Capabilities.passOn(kept)
        try Capabilities.forbidGainingPrivileges()
    }

    /// Makes the process the proxy's user with no rights at all, and checks that it is so.
    ///
    /// Root becomes `uid` and `gid` without further groups. A user that is not root stays who it is and loses its
    /// capabilities. Call it once every privileged socket is bound and BEFORE any other thread is started: Linux keeps
    /// capabilities per thread, and a thread which still has some makes this fail. That includes a main thread parked
    /// by an asynchronous `main`: it counts as ended for setuid() but keeps root, so call this from a synchronous one.
    ///
    /// - Throws: `InterceptError.system` for the step that failed. The process must not go on to serve then.
    package static func dropToProxyUser(uid: UInt32 = 1337, gid: UInt32 = 1337) throws(InterceptError) {
        let startedAsRoot = getuid() == 0 || geteuid() == 0
        try Capabilities.boundTo([])
        if startedAsRoot {
            // Groups before user: the user has no right to change groups any more.
            try check("setgroups", setgroups(0, nil))
            try check("setgid", setgid(gid))
            try check("setuid", setuid(uid))
        }
        try Capabilities.keepOnly([])
        try Capabilities.forbidGainingPrivileges()
        try PrivilegeCheck.assertNone(uid: startedAsRoot ? uid : nil, gid: startedAsRoot ? gid : nil)
    }

    private static func check(_ call: String, _ result: Int32) throws(InterceptError) {
        if result != 0 { throw .system(call: call, reason: errorText(errno)) }
    }
}
