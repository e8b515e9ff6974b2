internal import GatewayAPI
internal import Injection
internal import Kubernetes
internal import Reactor

extension ControllerRuntime {
    func startCluster(_ configuration: ClusterConfiguration) throws {
        let client = APIClient(configuration, loop: loop, userAgent: "weir/\(options.version)")
        let cache = options.serve.map { _ in ObjectCache() }
        let cluster = ClusterController(transport: client, loop: loop, settings: options.provisioning) { kind, event in
            cache?.observe(kind, event)
        }
        self.cluster = cluster
        try startInjection(client, cluster)
        if let cache { try startServing(cache, client) }
        cluster.start()
        startElection(client, cluster)
    }

    private func startInjection(_ client: APIClient, _ cluster: ClusterController) throws {
        guard let address = options.webhook else { return }
        let namespaces = NamespaceLabelSource(transport: client) { [unowned cluster] in cluster.namespaceLabels($0) }
        let webhook = InjectionWebhook(
            injector: Injector(settings: options.injection),
            namespaceLabels: { name, done in namespaces.labels(of: name, done) })
        let injection = try InjectionServer(
            address: address, namespace: options.namespace, service: ControllerOptions.name, transport: client,
            loop: loop, webhook: webhook
        ) { [unowned self] certificates in
            if options.fansOut { webhook.use(Injector(settings: fanOutSettings(certificates))) }
        }
        self.injection = injection
        injection.start()
    }

    /// Proxies trust what the controller's certificate is signed with, as of their injection, and cannot be told otherwise: a new
    /// authority is announced to new pods long before anything is signed with it (`CertificatePolicy.announcementDays`).
    private func fanOutSettings(_ certificates: WeirCertificates) -> InjectionSettings {
        var settings = options.injection
        let port = options.serve?.port ?? 0
        settings.kubernetesVia = "https://\(ControllerOptions.name).\(options.namespace).svc:\(port)"
        settings.kubernetesViaCA = String(decoding: certificates.bundle, as: UTF8.self)
        return settings
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

    func startFolder(_ path: String) throws {
        let cache = ObjectCache()
        let feed = FolderFeed(path: path, cache: cache)
        folder = feed
        feed.start(on: loop)
        try startServing(cache, nil)
    }
}
