internal import GatewayAPI

/// The init container that puts the redirection in place: `weir intercept install`.
enum RedirectContainer {
    static func node(_ settings: InjectionSettings) -> Node {
        var node = Node.mapping([
            "name": .string(InjectionNames.redirectContainer), "image": .string(settings.image),
        ])
        node.set("imagePullPolicy", settings.imagePullPolicy.map { .string($0) })
        node.set("args", .sequence(arguments(settings).map { .string($0) }))
        // The root file system is read-only, and iptables-legacy writes a lock.
        node.set(
            "env",
            [.mapping(["name": "XTABLES_LOCKFILE", "value": .string(InjectionNames.lockFolder + "/xtables.lock")])])
        node.set("resources", settings.resources.node)
        node.set("securityContext", SecurityContexts.redirect)
        node.set("terminationMessagePolicy", "FallbackToLogsOnError")
        node.set(
            "volumeMounts",
            [
                .mapping([
                    "name": .string(InjectionNames.lockVolume), "mountPath": .string(InjectionNames.lockFolder),
                ])
            ])
        return node
    }

    private static func arguments(_ settings: InjectionSettings) -> [String] {
        var arguments = ["intercept", "install"]
        let options = [
            ("--exclude-inbound-ports", settings.excludeInboundPorts),
            ("--exclude-outbound-ports", settings.excludeOutboundPorts),
            ("--exclude-outbound-cidrs", settings.excludeOutboundCIDRs),
        ]
        for (flag, value) in options where !value.isEmpty { arguments += [flag, value] }
        if settings.ipv6 != "auto" { arguments += ["--ipv6", settings.ipv6] }
        return arguments
    }

    static var volume: Node {
        .mapping([
            "name": .string(InjectionNames.lockVolume),
            "emptyDir": .mapping(["medium": "Memory", "sizeLimit": "1Mi"]),
        ])
    }
}
