import GatewayAPI
import Injection
import Kubernetes
import Testing

/// Which programs run in a pod beside its own is the operator's choice.
@Suite struct ProxyImageTests {
    private static let ours = "registry.example.com/weir:1"

    private static func settings(allowing repositories: Set<String> = []) -> InjectionSettings {
        var settings = InjectionSettings(image: ours, version: "1")
        settings.allowedProxyRepositories = repositories
        return settings
    }

    private static let asked = InjectionRequest.Basis.namespace(labels: ["weir.dev/inject": "enabled"])

    private func inject(
        _ text: String, _ settings: InjectionSettings = settings(), basis: InjectionRequest.Basis = asked
    ) throws -> InjectionOutcome {
        let pod = try #require(try YAMLReader.documents(Array(text.utf8)).first).root
        let request = InjectionRequest(object: "Pod", namespace: "shop", basis: basis, pod: pod)
        return Injector(settings: settings).inject(request).outcome
    }

    private func naming(_ image: String) -> String {
        "{metadata: {annotations: {weir.dev/proxy-image: '\(image)'}}, spec: {containers: [{name: app, image: app}]}}"
    }

    private func images(_ outcome: InjectionOutcome) -> [String: String?] {
        guard case .injected(let pod) = outcome else { return [:] }
        let containers = ["initContainers", "containers"].flatMap { pod["spec"]?[$0]?.elements ?? [] }
        return Dictionary(containers.map { ($0["name"]?.stringValue ?? "", $0["image"]?.stringValue) }) { first, _ in
            first
        }
    }

    @Test func aPodNamesNoImageUnlessTheOperatorAllowsIt() throws {
        for basis in [Self.asked, .command] {
            guard case .refused(let reason) = try inject(naming("registry.example.com/weir:2"), basis: basis) else {
                return #expect(Bool(false))
            }
            #expect(reason.contains("--allowed-proxy-images"))
        }
    }

    @Test(arguments: [
        "registry.example.com/weir:2", "registry.example.com/weir",
        "registry.example.com/weir@sha256:0123456789abcdef0123456789abcdef", "Registry.example.com/weir:3",
    ])
    func whatIsAllowedIsTheProxysImageAndNeverTheRedirectContainers(_ image: String) throws {
        let allowing = Self.settings(allowing: ["registry.example.com/weir"])
        #expect(
            images(try inject(naming(image), allowing)) == [
                "weir-redirect": Self.ours, "weir-proxy": image, "app": "app",
            ])
    }

    @Test(arguments: [
        "evil.example.com/any:1", "registry.example.com/weir-evil:1", "registry.example.com/weir/evil:1",
        "registry.example.com:5000/weir:1", "registry.example.com.evil.com/weir:1", "weir:1",
        "evil.example.com/registry.example.com/weir:1", "registry.example.com/Weir:1", "registry.example.com/weir:1 ",
        "registry.example.com/weir:1@evil.example.com/any", "",
    ])
    func anyOtherRepositoryIsRefused(_ image: String) throws {
        guard case .refused = try inject(naming(image), Self.settings(allowing: ["registry.example.com/weir"])) else {
            return #expect(Bool(false), "\(image)")
        }
    }

    private static let evil =
        "image: evil.example.com/any:1, command: [sh], args: [-c, evil], env: [{name: LD_PRELOAD, value: /evil}], "
        + "envFrom: [{secretRef: {name: s}}], volumeMounts: [{name: host, mountPath: /host}], ports: [{containerPort: 1}], "
        + "securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}, workingDir: /evil, tty: true"

    /// A pod that says it was injected, with containers of its own under our names.
    private func readyMade(_ containers: String) -> String {
        "{metadata: {annotations: {weir.dev/status: injected by weir 1}}, spec: {volumes: [{name: host, hostPath: {path: /}}], "
            + containers + "}}"
    }

    @Test(arguments: [
        "initContainers: [{name: weir-redirect, \(evil)}, {name: weir-proxy, restartPolicy: Always, \(evil)}], containers: [{name: app, image: app}]",
        "initContainers: [{name: weir-redirect, restartPolicy: Always, \(evil)}], containers: [{name: weir-proxy, \(evil)}, {name: app, image: app}]",
        "containers: [{name: weir-redirect, \(evil)}, {name: weir-proxy, \(evil)}, {name: app, image: app}]",
        "initContainers: [{name: weir-redirect, \(evil)}, {name: weir-redirect, \(evil)}], containers: [{name: app, image: app}]",
    ])
    func readyMadeContainersOfOurNamesAreReplaced(_ containers: String) throws {
        for basis in [Self.asked, .command] {
            let outcome = try inject(readyMade(containers), basis: basis)
            #expect(images(outcome) == ["weir-redirect": Self.ours, "weir-proxy": Self.ours, "app": "app"])
            guard case .injected(let pod) = outcome, case .injected(let plain) = try inject(Self.plain, basis: basis)
            else { return #expect(Bool(false)) }
            #expect(pod["spec"]?["initContainers"] == plain["spec"]?["initContainers"])
            #expect(pod["spec"]?["containers"] == plain["spec"]?["containers"])
        }
    }

    private static let plain = "{spec: {containers: [{name: app, image: app}]}}"

    /// A webhook may pin the proxy's tag; nothing else of a container of ours is anybody's.
    @Test(arguments: [
        ("registry.example.com/weir:1@sha256:0123456789abcdef0123456789abcdef", true),
        ("registry.example.com/weir:1.1", true), ("registry.example.com/weir", true),
        ("registry.example.com/weir-evil:1", false), ("mirror.example.com/weir:1", false), ("weir:1", false),
    ])
    func anotherTagOfTheProxysRepositoryStays(_ image: String, _ stays: Bool) throws {
        let containers =
            "initContainers: [{name: weir-redirect, image: '\(image)'}, {name: weir-proxy, restartPolicy: Always, image: '\(image)'}], "
            + "containers: [{name: app, image: app}]"
        let found = images(try inject(readyMade(containers)))
        #expect(found == ["weir-redirect": Self.ours, "weir-proxy": stays ? image : Self.ours, "app": "app"])
    }

    @Test func ofAnotherVersionsContainersNothingStays() throws {
        var settings = Self.settings()
        settings.version = "2"
        let containers =
            "initContainers: [{name: weir-proxy, image: registry.example.com/weir:0}], containers: [{name: app, image: app}]"
        #expect(images(try inject(readyMade(containers), settings))["weir-proxy"] == Self.ours)
    }

    /// What the webhook leaves alone would keep it.
    @Test(arguments: [
        "{metadata: {labels: {gateway.networking.k8s.io/gateway-name: web}}, spec: {initContainers: [{name: weir-redirect, image: evil}], containers: [{name: app}]}}",
        "{metadata: {annotations: {kubernetes.io/config.mirror: x, weir.dev/status: injected by weir 1}}, spec: {containers: [{name: weir-redirect, image: evil}]}}",
        "{metadata: {annotations: {weir.dev/status: injected by weir 1}}, spec: {hostNetwork: true, containers: [{name: app}], initContainers: [{name: weir-redirect, image: evil}]}}",
        "{spec: {containers: [{name: app}], ephemeralContainers: [{name: weir-redirect, image: evil}]}}",
    ])
    func aPodThatIsNotInjectedBringsNoRedirectContainer(_ pod: String) throws {
        guard case .refused(let reason) = try inject(pod) else { return #expect(Bool(false)) }
        #expect(!reason.isEmpty)
    }

    @Test func aGatewaysOwnContainerStays() throws {
        let pod =
            "{metadata: {labels: {gateway.networking.k8s.io/gateway-name: web}}, spec: {containers: [{name: weir-proxy, image: weir}]}}"
        guard case .skipped = try inject(pod) else { return #expect(Bool(false)) }
    }
}
