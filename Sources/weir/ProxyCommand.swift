import ArgumentParser
import ControlHTTP
import GatewayAPI
import HTTP
import Injection
import Kubernetes
import Reactor
import Telemetry

/// What a running proxy believes, asked in its pod or through the API server. The image has no curl, and needs none.
struct ProxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Look into a running proxy: its snapshot, its endpoints, its log level.",
        discussion: """
            With the name of a pod, the command runs inside of it, through the API server: the caller must be allowed to create \
            (and get) pods/exec in its namespace. Without one, the proxy of this machine or pod is asked on its admin interface.
            """,
        subcommands: [ProxySnapshotCommand.self, ProxyEndpointsCommand.self, ProxyLogLevelCommand.self])
}

struct ProxySnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Print, as JSON, what a proxy serves.")

    @Flag(help: "Every match, filter and backend that it compiled, not their numbers alone.")
    var full = false

    @OptionGroup var target: ProxyTarget

    func run() throws {
        try target.ask(.get, "/snapshot" + (full ? "?full" : ""), as: ["snapshot"] + (full ? ["--full"] : []))
    }
}

struct ProxyEndpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "Print, as JSON, the endpoints that a proxy knows, and how they fare.")

    @OptionGroup var target: ProxyTarget

    func run() throws {
        try target.ask(.get, "/endpoints", as: ["endpoints"])
    }
}

struct ProxyLogLevelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level", abstract: "Print the level of a proxy's operational log, or change it until it ends.")

    @Option(help: ArgumentHelp("The new level: error, warn, info or debug.", valueName: "level"))
    var set: String?

    @OptionGroup var target: ProxyTarget

    func validate() throws {
        guard let set, LogLevel(name: set) == nil else { return }
        throw ValidationError("--set: '\(set)' is none of error, warn, info, debug; nothing was changed")
    }

    func run() throws {
        guard let set else { return try target.ask(.get, "/log-level", as: ["log-level"]) }
        try target.ask(.put, "/log-level?level=\(set)", as: ["log-level", "--set", set])
    }
}

/// Which proxy is asked.
struct ProxyTarget: ParsableArguments {
    @Argument(help: "The pod whose proxy is asked (default: the proxy of this pod or machine).")
    var pod: String?

    @Option(name: .shortAndLong, help: "The pod's namespace (default: the context's, else default).")
    var namespace: String?

    @Option(help: ArgumentHelp("Which API server (default: KUBECONFIG, else ~/.kube/config).", valueName: "file"))
    var kubeconfig: String = FlagEnvironment.text("kubeconfig") ?? ""

    @Option(help: "The kubeconfig's context (default: its current one).")
    var context: String = FlagEnvironment.text("context") ?? ""

    @Option(
        help: ArgumentHelp("Where the admin interface of this machine's proxy listens.", valueName: "address:port"))
    var admin: String = FlagEnvironment.text("admin") ?? "127.0.0.1:15000"

    func validate() throws {
        guard pod != nil || namespace == nil else {
            throw ValidationError("--namespace: without the name of a pod there is nothing to look for in it")
        }
        for (name, text) in [("the pod's name", pod), ("--namespace", namespace)] {
            guard let text, !ResourceName.isSubdomain(text) else { continue }
            throw ValidationError("\(name): '\(text)' is not the name of an object; nobody was asked")
        }
    }

    /// Prints the answer.
    /// - Parameter arguments: the same question as arguments of `weir proxy`.
    func ask(_ method: HTTPMethod, _ path: String, as arguments: [String]) throws {
        if let pod { try askPod(pod, arguments) } else { try askHere(method, path) }
    }

    private func askHere(_ method: HTTPMethod, _ path: String) throws {
        guard let address = SocketAddress(admin) else {
            throw ValidationError("--admin: '\(admin)' is not ADDRESS:PORT; nobody was asked")
        }
        guard let response = try LocalRequest.response(method, path, at: address) else {
            throw CommandFailure("no proxy answers at \(address) (--admin); is one running in this pod or machine?")
        }
        guard response.status == 200 else {
            throw CommandFailure("the proxy at \(address) answered \(response.status): \(Self.line(response.body))")
        }
        Self.show(response.body)
    }

    private func askPod(_ pod: String, _ arguments: [String]) throws {
        let configuration = try ClusterConfiguration.detected(
            kubeconfig: kubeconfig.isEmpty ? nil : kubeconfig, context: context.isEmpty ? nil : context)
        let key = ObjectKey(namespace: namespace ?? configuration.namespace ?? "default", name: pod)
        let loop = try EventLoop()
        let client = APIClient(configuration, loop: loop, userAgent: WeirVersion.userAgent)
        var result: Result<PodCommand.Output, PodCommandError>?
        PodCommand(
            transport: client, pod: key, container: InjectionNames.proxyContainer,
            command: ["weir", "proxy"] + arguments
        ) {
            result = $0
            loop.stop()
        }.start()
        loop.run()
        client.close()
        guard let result else { return }
        let output: PodCommand.Output
        do {
            output = try result.get()
        } catch {
            throw CommandFailure("pod \(key): \(error)")
        }
        guard output.exitCode == 0 else {
            throw CommandFailure("pod \(key): \(Self.line(output.standardError))")
        }
        Self.show(output.standardOutput)
    }

    /// Prints an answer. What runs in a pod is its owner's, who must not write on the terminal of whoever asks.
    private static func show(_ answer: [UInt8]) {
        let text = VisibleText.page(String(decoding: answer, as: UTF8.self), lineBytes: .max)
        print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
    }

    /// What somebody wrote about a failure, as a part of our own line.
    private static func line(_ answer: [UInt8]) -> String {
        let text = String(decoding: answer.prefix(VisibleText.longestLine), as: UTF8.self)
        return VisibleText.of(text.hasSuffix("\n") ? text.dropLast() : text[...])
    }
}
