internal import GatewayAPI
internal import Injection
internal import Kubernetes
internal import Reactor

extension ControllerRuntime {
    func startCluster(_ configuration: ClusterConfiguration) throws {
        let client = apiClient(configuration, loop: loop)
        let cache = options.serve.map { _ in ObjectCache() }
        let namespaces = NamespaceLabelCache()
        let cluster = try ClusterController(transport: client, loop: loop, settings: options.provisioning) {
            kind, event in
            cache?.observe(kind, event)
            if kind == .namespace { namespaces.observe(event) }
        }
        self.cluster = cluster
        try startInjection(client, namespaces)
        if let cache { try startServing(cache, client) }
        cluster.start()
        // The lease waits behind no list and no status.
        startElection(apiClient(configuration, loop: loop, connections: 1), cluster)
    }

    func apiClient(
        _ configuration: ClusterConfiguration, loop: EventLoop, connections: Int = APILimits.requestConnections
    ) -> APIClient {
        APIClient(configuration, loop: loop, userAgent: "weir/\(options.version)", connections: connections)
    }

    /// The webhook has a thread of its own, and connections of its own to the API server: whoever reaches its port
    /// takes the time of other reviews at most.
    private func startInjection(_ client: APIClient, _ known: NamespaceLabelCache) throws {
        guard let address = options.webhook else { return }
        let thread = try LoopThread()
        let namespaces = NamespaceLabelSource(
            transport: apiClient(client.configuration, loop: thread.loop), known: { known[$0] })
        let webhook = InjectionWebhook(
            injector: Injector(settings: options.injection),
            namespaceLabels: { name, done in namespaces.labels(of: name, done) })
        let clientAuthorities = try options.webhookClientAuthorities.map { try ClientAuthorities(loop: loop, load: $0) }
        self.clientAuthorities = clientAuthorities
        let injection = try InjectionServer(
            address: address, namespace: options.namespace, service: ControllerOptions.name, transport: client,
            loop: loop, servingLoop: thread.loop, webhook: webhook, clientAuthorities: clientAuthorities
        ) { [unowned self] certificates in
            if options.fansOut { webhook.use(Injector(settings: fanOutSettings(certificates))) }
        }
        self.injection = injection
        webhookThread = thread
        injection.start()
        try thread.start()
    }

    /// Proxies trust what the controller's certificate is signed with, as of their injection, and cannot be told
    /// otherwise: a new authority is announced to new pods long before anything is signed with it
    /// (`CertificatePolicy.announcementDays`).
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
