import Foundation
import Glibc

/// Pods on one bridge, each in a network namespace, with one folder of manifests for all their sidecars.
final class Mesh {
    /// The bridge's own address, where a server for all pods can listen.
    static let hubAddress = "10.77.0.1"

    /// Flags of sidecars whose first requests wait for a server that is part of this process, however long it is held
    /// up.
    static let patientDiscovery = ["--discovery-wait", "1h"]

    let folder: TestFolder
    let hub: NetworkNamespace
    private var pods: [Pod] = []

    init(_ objects: String...) throws {
        folder = try TestFolder()
        try folder.makeFolder("manifests")
        try folder.write("manifests/main.yaml", Manifest.list(objects))
        hub = try NetworkNamespace("hub")
        try NetworkNamespace.tool("ip -n \(hub.name) link add br0 type bridge")
        try NetworkNamespace.tool("ip -n \(hub.name) address add \(Mesh.hubAddress)/24 dev br0")
        try NetworkNamespace.tool("ip -n \(hub.name) address add fd77::1/64 dev br0 nodad")
        try NetworkNamespace.tool("ip -n \(hub.name) link set br0 up")
    }

    /// A pod `10.77.0.NUMBER` and `fd77::NUMBER`.
    ///
    /// - Parameter source: where a sidecar's resources come from; nil: the mesh's folder.
    func pod(
        _ name: String, namespace: String = "shop", number: Int, isMeshed: Bool, source: [String]? = nil,
        flags: [String] = [], environment: [String: String] = [:]
    ) throws -> Pod {
        let network = try NetworkNamespace(name)
        let pod = Pod(name: name, namespace: namespace, number: number, network: network, folder: folder)
        pods.append(pod)
        try NetworkNamespace.tool(
            "ip -n \(network.name) link add eth0 type veth peer name pod\(number) netns \(hub.name)")
        try NetworkNamespace.tool("ip -n \(hub.name) link set pod\(number) master br0 up")
        try NetworkNamespace.tool("ip -n \(network.name) address add \(pod.address)/24 dev eth0")
        try NetworkNamespace.tool("ip -n \(network.name) address add \(pod.address6)/64 dev eth0 nodad")
        try NetworkNamespace.tool("ip -n \(network.name) link set eth0 up")
        // Service addresses lie beyond the bridge; nothing there answers, so only a proxy can reach them.
        try NetworkNamespace.tool("ip -n \(network.name) route add default via 10.77.0.1")
        try NetworkNamespace.tool("ip -n \(network.name) -6 route add default via fd77::1")
        if isMeshed {
            try pod.startSidecar((source ?? ["--manifests", folder.path + "/manifests"]) + flags, environment)
        }
        return pod
    }

    func stop() {
        for pod in pods { pod.stop() }
        hub.remove()
        folder.remove()
    }
}

/// One pod of a mesh.
final class Pod: Measured {
    let name: String
    let namespace: String
    let number: Int
    let network: NetworkNamespace
    private let folder: TestFolder
    private(set) var sidecar: ChildProcess?
    private var backends: [TestBackend] = []

    var address: String { "10.77.0.\(number)" }
    var address6: String { "fd77::\(number)" }

    init(name: String, namespace: String, number: Int, network: NetworkNamespace, folder: TestFolder) {
        self.name = name
        self.namespace = namespace
        self.number = number
        self.network = network
        self.folder = folder
    }

    func stop() {
        sidecar?.end()
        for backend in backends { backend.close() }
        network.remove()
    }

    /// Redirects the pod's traffic, as a pod's init container does.
    func installRules() throws {
        let installed = try weir("intercept", "install")
        guard installed.code == 0 else { throw Failure("intercept install: \(installed.errors)") }
    }

    /// Redirects the pod's traffic, then starts the proxy, as a pod's init container and sidecar do.
    func startSidecar(_ flags: [String], _ environment: [String: String] = [:], redirects: Bool = true) throws {
        if redirects { try installRules() }
        let process = try ChildProcess(
            [
                "ip", "netns", "exec", network.name, WeirBinary.path(), "sidecar", "--pod", "\(namespace)/\(name)",
                "--pod-ip",
                "\(address),\(address6)", "--workers", "1",
            ] + flags, environment: environment, folder: folder.path, name: name)
        sidecar = process
        try eventually("the sidecar of \(name) is ready: \(process.standardError)") { try health() == 200 }
    }

    /// `weir` in this pod.
    func weir(_ words: String...) throws -> (code: Int, output: String, errors: String) {
        try run(["ip", "netns", "exec", network.name, WeirBinary.path()] + words)
    }

    /// A server in this pod, for both families.
    func serve(port: Int, _ script: @escaping TestBackend.Script = TestBackend.answers()) throws -> TestBackend {
        let backend = try network.inside { try TestBackend("::", port: port, script: script) }
        backends.append(backend)
        return backend
    }

    func connect(_ host: String, port: Int) throws -> TCPStream {
        try network.inside { try TCPStream(host, port: port) }
    }

    /// One GET on a connection of its own.
    func get(_ target: String, from host: String, port: Int, authority: String = "cart.shop", _ lines: String...) throws
        -> Message
    {
        let more = lines.map { $0 + "\r\n" }.joined()
        return try connect(host, port: port).exchange(
            "GET \(target) HTTP/1.1\r\nHost: \(authority)\r\n\(more)Connection: close\r\n\r\n")
    }

    func health() throws -> Int {
        guard let stream = try? connect("127.0.0.1", port: 15020) else { return 0 }
        return (try? stream.get("/healthz/ready").status) ?? 0
    }

    func metrics() throws -> Metrics { Metrics(try connect("127.0.0.1", port: 15020).get("/metrics").text) }
}
