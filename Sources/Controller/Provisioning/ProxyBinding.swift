internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Telemetry

/// Keeps the subjects of the ClusterRoleBinding `weir-proxy`, while this controller leads: nobody else may read what
/// proxies read.
final class ProxyBinding {
    static let name = "weir-proxy"

    private static let kind = APIKind(
        group: "rbac.authorization.k8s.io", versions: ["v1"], plural: "clusterrolebindings",
        kind: "ClusterRoleBinding", isNamespaced: false)

    private let upkeep: ObjectUpkeep
    private var wanted: ProxySubjects?

    init(transport: any APITransport, loop: EventLoop, seed: UInt64 = .random(in: .min ... .max)) {
        upkeep = ObjectUpkeep(
            transport: transport, loop: loop, kind: Self.kind, name: Self.name, component: "provisioning",
            texts: ObjectUpkeep.Texts(
                absence: "proxies may not read the API until it does", change: "its subjects were brought up to date"),
            seed: seed)
    }

    func want(_ subjects: ProxySubjects) {
        guard subjects != wanted else { return }
        wanted = subjects
        let count = subjects.wanted.count
        if count > ProxySubjects.limit {
            Log.error(
                "provisioning",
                """
                ClusterRoleBinding \(Self.name): subjects: \(count) are due and \(ProxySubjects.limit) fit; the last Gateways of the \
                namespaces that have the most may not read the API
                """)
        }
        upkeep.keep { subjects.patch($0) }
    }

    /// This controller does not lead any more.
    func stop() {
        wanted = nil
        upkeep.stop()
    }
}
