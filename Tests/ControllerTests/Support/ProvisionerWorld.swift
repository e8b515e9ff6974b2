import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// A provisioner between a fake API and its own watches.
final class ProvisionerWorld {
    static let gateway = ObjectKey(namespace: "ana", name: "web")
    static let service = "/api/v1/namespaces/ana/services/web-weir"
    static let deployment = "/apis/apps/v1/namespaces/ana/deployments/web-weir"
    static let daemonSet = "/apis/apps/v1/namespaces/ana/daemonsets/web-weir"
    static let object = "/apis/gateway.networking.k8s.io/v1/namespaces/ana/gateways/web"
    static let account = "/api/v1/namespaces/ana/serviceaccounts/web-weir"

    /// What `gateway` needs.
    static func plan(_ parameters: GatewayParameters = GatewayParameters()) throws -> ProvisioningPlan {
        .objects(Gateways.objects(try Gateways.plain(), parameters: parameters))
    }

    let loop: EventLoop
    let api: FakeAPI
    let provisioner: Provisioner

    init() throws {
        let loop = try EventLoop()
        self.loop = loop
        api = FakeAPI(loop: loop)
        provisioner = Provisioner(transport: api, loop: loop, onChange: {})
        api.onChange = { [unowned self] path, object in
            guard let (kind, key) = Self.kind(path) else { return }
            provisioner.observe(kind, object.map(WatchEvent.changed) ?? .removed(key))
        }
    }

    /// Everything there is has been told.
    func sync() {
        for kind in ManagedKinds.all { provisioner.observe(kind, .synced) }
    }

    func start(_ plans: [ObjectKey: ProvisioningPlan]) {
        sync()
        provisioner.setActive(true)
        set(plans)
    }

    func set(_ plans: [ObjectKey: ProvisioningPlan]) { provisioner.setPlans(plans) }

    /// Nothing is under way and nothing is due.
    func settle() -> Bool { loop.run(until: { self.provisioner.queueDepth == 0 }) }

    private static func kind(_ path: String) -> (APIKind, ObjectKey)? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 4, let kind = ManagedKinds.all.first(where: { $0.plural == parts[parts.count - 2] })
        else { return nil }
        return (kind, ObjectKey(namespace: parts[parts.count - 3], name: parts[parts.count - 1]))
    }
}
