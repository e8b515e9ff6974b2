internal import GatewayAPI
internal import Kubernetes
internal import Reactor

extension ControllerRuntime {
    func startCluster(_ configuration: ClusterConfiguration) throws(SystemError) {
        let client = APIClient(configuration, loop: loop, userAgent: "weir/\(options.version)")
        let cluster = ClusterController(transport: client, loop: loop, settings: options.provisioning)
        self.cluster = cluster
        cluster.start()
        guard options.usesLeaderElection else {
            cluster.setActive(true)
            return
        }
        let key = ObjectKey(namespace: options.namespace, name: ControllerOptions.name)
        let election = LeaderElection(transport: client, loop: loop, key: key, identity: options.identity) {
            [unowned self] leads in
            cluster.setActive(leads && !isDraining)
        }
        self.election = election
        election.start()
    }

    func startFolder(_ path: String) throws(SystemError) {
    }
}
