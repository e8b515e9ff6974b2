import ArgumentParser
import Controller
import GatewayAPI
import Kubernetes
import Reactor

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "List the proxies of a cluster: version, readiness, snapshot and redirect rules.",
        discussion: """
            Asks the API server for pods, and through it each proxy for its status: the caller must be allowed to list pods \
            and to get pods/proxy, with --namespace in that namespace only. RULES is what the sidecar has found of the rules \
            that redirect its pod's connections when it looked last, by default a minute ago at most. Exits 1 when the pods cannot be listed.
            """)

    @Option(help: ArgumentHelp("Which API server (default: KUBECONFIG, else ~/.kube/config).", valueName: "file"))
    var kubeconfig: String = FlagEnvironment.text("kubeconfig") ?? ""

    @Option(help: "The kubeconfig's context (default: its current one).")
    var context: String = FlagEnvironment.text("context") ?? ""

    @Option(name: .shortAndLong, help: "One namespace only (default: all).")
    var namespace: String = ""

    @Option(help: "How to print it.")
    var output: OutputFormat = FlagEnvironment.value("output", default: .text)

    func run() throws {
        let configuration = try ClusterConfiguration.detected(
            kubeconfig: kubeconfig.isEmpty ? nil : kubeconfig, context: context.isEmpty ? nil : context)
        let loop = try EventLoop()
        let client = APIClient(configuration, loop: loop, userAgent: WeirVersion.userAgent)
        var result: Result<MeshStatus, MeshStatusError>?
        MeshStatusQuery(transport: client, namespace: namespace.isEmpty ? nil : namespace) {
            result = $0
            loop.stop()
        }.start()
        loop.run()
        client.close()
        guard let status = try result?.get() else { return }
        switch output {
        case .text: print(status.text, terminator: "")
        case .json: print(status.json.text())
        }
    }
}
