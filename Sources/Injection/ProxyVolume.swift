internal import GatewayAPI

/// What the proxy alone has of the cluster: its credentials, and what it has to know of its pod.
///
/// Its mount stands where a pod's token always is, so that Kubernetes mounts none there by itself: a proxy that reads
/// the served API has no token for the API server at all.
///
/// No mode or group is needed for the proxy to read it: the kubelet makes tokens readable by all where the containers
/// of a pod run as different users, as ours do, and readable by the pod's `fsGroup`, which every container is in, where
/// it has one.
struct ProxyVolume {
    let settings: InjectionSettings

    var node: Node {
        .mapping([
            "name": .string(InjectionNames.tokenVolume),
            "projected": .mapping(["sources": .sequence([token, authority, pod].compactMap(\.self))]),
        ])
    }

    /// Also where pods and service accounts say that none is mounted.
    private var token: Node? {
        var token: Node = .mapping([:])
        if settings.kubernetesVia != nil {
            guard settings.showsTokenToServedAPI else { return nil }
            token.set("audience", .string(InjectionNames.fanOutAudience))
        }
        token.set("expirationSeconds", .integer(InjectionNames.tokenLifetime))
        token.set("path", .string(settings.kubernetesVia == nil ? "token" : InjectionNames.fanOutTokenFile))
        return .mapping(["serviceAccountToken": token])
    }

    /// Who signs the API server's certificate, and the served API's where nobody is named for it.
    private var authority: Node? {
        guard settings.kubernetesVia == nil || settings.kubernetesViaCA == nil else { return nil }
        return .mapping([
            "configMap": .mapping([
                "items": [.mapping(["key": "ca.crt", "path": "ca.crt"])], "name": "kube-root-ca.crt",
            ])
        ])
    }

    /// The pod's labels are there so that no proxy needs the right to read Pods.
    private var pod: Node {
        .mapping([
            "downwardAPI": .mapping([
                "items": [
                    .mapping(["fieldRef": .mapping(["fieldPath": "metadata.namespace"]), "path": "namespace"]),
                    .mapping([
                        "fieldRef": .mapping(["fieldPath": "metadata.labels"]),
                        "path": .string(InjectionNames.podLabelsFile),
                    ]),
                ]
            ])
        ])
    }
}
