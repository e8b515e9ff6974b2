internal import GatewayAPI
internal import Injection
internal import Kubernetes
internal import Reactor

extension ControllerRuntime {
    func startCluster(_ configuration: ClusterConfiguration) throws(SystemError) {
        let client = APIClient(configuration, loop: loop, userAgent: "weir/\(options.version)")
        let cluster = ClusterController(transport: client, loop: loop, settings: options.provisioning)
        self.cluster = cluster
        try startInjection(client, cluster)
        cluster.start()
        startElection(client, cluster)
    }

    private func startInjection(_ client: APIClient, _ cluster: ClusterController) throws(SystemError) {
        guard let address = options.webhook else { return }
        let namespaces = NamespaceLabelSource(transport: client) { [unowned cluster] in cluster.namespaceLabels($0) }
        let webhook = InjectionWebhook(
            injector: Injector(settings: options.injection),
            namespaceLabels: { name, done in namespaces.labels(of: name, done) })
        let injection = try InjectionServer(
            address: address, namespace: options.namespace, service: ControllerOptions.name, transport: client,
            loop: loop, webhook: webhook)
        self.injection = injection
        injection.start()
    }

    private func startElection(_ client: APIClient, _ cluster: ClusterController) {
        guard options.usesLeaderElection else { return cluster.setActive(true) }
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
