/// Why an `intercept` command did not do what it was asked, in words for the operator.
package enum InterceptError: Error, Equatable, CustomStringConvertible {
    /// A flag's value cannot be used.
    case invalidValue(flag: String, value: String, allowed: String, consequence: String)
    /// The process lacks capabilities which the kernel demands for nat rules.
    case missingCapabilities([String])
    /// A system call that should not fail did.
    case system(call: String, reason: String)
    /// No iptables back end can be used for a family.
    case noUsableBackend(family: AddressFamily, reasons: [String])
    /// Every usable back end refused the rules of a family.
    case rejected(family: AddressFamily, reasons: [String], consequence: String)
    /// The rules were accepted, but what is there afterwards is not what was asked for.
    case notInPlace(family: AddressFamily, differences: [String])

    package var description: String {
        switch self {
        case .invalidValue(let flag, let value, let allowed, let consequence):
            "\(flag): '\(value)' is not allowed: \(allowed). \(consequence)"
        case .missingCapabilities(let names):
            """
            capabilities: \(names.joined(separator: " and ")) missing, NET_ADMIN and NET_RAW are needed to read and \
            change nat rules. Nothing was changed. Run as root, or give the container \
            securityContext.capabilities.add: [NET_ADMIN, NET_RAW].
            """
        case .system(let call, let reason):
            "\(call) failed: \(reason)"
        case .noUsableBackend(let family, let reasons):
            """
            \(family.rawValue): no usable iptables back end, so this family's traffic could not be redirected and would \
            bypass the proxy. Nothing was changed.\(InterceptError.list(reasons))
            """
        case .rejected(let family, let reasons, let consequence):
            "\(family.rawValue): the rules were refused. \(consequence)\(InterceptError.list(reasons))"
        case .notInPlace(let family, let differences):
            "\(family.rawValue): the rules are not as asked for after the change.\(InterceptError.list(differences))"
        }
    }

    private static func list(_ lines: [String]) -> String {
        lines.map { "\n  \($0)" }.joined()
    }
}
