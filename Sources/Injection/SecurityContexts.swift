internal import GatewayAPI

/// Each container says everything itself, so that nothing a pod's own security context says reaches it.
enum SecurityContexts {
    /// Passes the restricted Pod Security level.
    static var proxy: Node {
        .mapping([
            "allowPrivilegeEscalation": false,
            "capabilities": .mapping(["drop": ["ALL"]]),
            "privileged": false,
            "readOnlyRootFilesystem": true,
            "runAsGroup": .integer(InjectionNames.proxyID),
            "runAsNonRoot": true,
            "runAsUser": .integer(InjectionNames.proxyID),
            "seccompProfile": .mapping(["type": "RuntimeDefault"]),
        ])
    }

    /// Kubernetes gives added capabilities to root only, and iptables needs these two; it needs no others.
    static var redirect: Node {
        .mapping([
            "allowPrivilegeEscalation": false,
            "capabilities": .mapping(["add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]]),
            "privileged": false,
            "readOnlyRootFilesystem": true,
            "runAsGroup": 0,
            "runAsNonRoot": false,
            "runAsUser": 0,
            "seccompProfile": .mapping(["type": "RuntimeDefault"]),
        ])
    }
}
