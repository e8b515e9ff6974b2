import GatewayAPI
import Injection
import Testing

/// Whatever a pod's author writes, and however much of it, what is told of it is bounded, and so is the work.
@Suite struct InjectionBoundsTests {
    private let injector = Injector(settings: InjectionSettings(image: "weir:1", version: "1"))

    private func inject(_ metadata: Node, _ spec: Node) -> InjectionResult {
        injector.inject(
            InjectionRequest(
                object: "Pod shop/web", namespace: "shop", basis: .namespace(labels: ["weir.dev/inject": "enabled"]),
                pod: .mapping(["metadata": metadata, "spec": spec])))
    }

    private static let app: Node = .mapping(["name": "app", "image": "app"])
    private static let plain: Node = .mapping(["containers": [app]])

    private func isTold(_ result: InjectionResult) -> Bool {
        result.problems.count <= InjectionLimits.problems + 1
            && result.problems.allSatisfy { $0.oneLine.utf8.count < 1024 }
    }

    private static func names(_ count: Int) -> [String: String] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("weir.dev/x\($0)", "y") })
    }

    @Test func unknownAnnotationsAreToldUpToABound() throws {
        let result = inject(.mapping(["annotations": .strings(Self.names(5000))]), Self.plain)
        #expect(isTold(result))
        #expect(result.problems.last?.message == "has 4980 more problems, which are not told")
        guard case .injected = result.outcome else { throw NotInjected() }
    }

    @Test func unknownLabelsAreToldUpToABound() throws {
        let result = inject(.mapping(["labels": .strings(Self.names(5000))]), Self.plain)
        #expect(isTold(result))
        guard case .injected = result.outcome else { throw NotInjected() }
    }

    private struct NotInjected: Error {}

    @Test func noNumberOfWarningsHidesAnError() {
        var annotations = Self.names(5000)
        annotations["weir.dev/zz-last"] = "y"
        annotations["weir.dev/proxy-workers"] = "many"
        let result = inject(.mapping(["annotations": .strings(annotations)]), Self.plain)
        guard case .refused(let reason) = result.outcome else { return #expect(Bool(false), "\(result.outcome)") }
        #expect(reason.contains("weir.dev/proxy-workers"))
        #expect(isTold(result))
        #expect(result.problems.contains { $0.severity == .error })
    }

    /// The API server refuses such a pod, but only after it was injected.
    @Test func moreAnnotationsThanKubernetesTakesAreRefused() {
        for annotations in [
            ["a": String(repeating: "x", count: 262_144)], [String(repeating: "x", count: 262_144): "a"],
        ] {
            let result = inject(.mapping(["annotations": .strings(annotations)]), Self.plain)
            guard case .refused(let reason) = result.outcome else { return #expect(Bool(false)) }
            #expect(reason.hasPrefix("metadata.annotations: must have 262144 bytes"))
            #expect(isTold(result))
        }
    }

    @Test func longKeysAndValuesAreCut() {
        let long = String(repeating: "x", count: 100_000)
        let marks = "a" + String(repeating: "\u{301}", count: 30_000)
        for (key, value) in [
            ("weir.dev/\(long)", long), ("weir.dev/\(marks)", marks), ("weir.dev/log-level", long),
            ("weir.dev/exclude-inbound-ports", long), ("weir.dev/drain-timeout", marks),
        ] {
            #expect(isTold(inject(.mapping(["annotations": .strings([key: value])]), Self.plain)))
            #expect(isTold(inject(.mapping(["labels": .strings([key: value])]), Self.plain)))
        }
    }

    @Test func wrongContainersPortsAndVolumesAreToldUpToABound() {
        let ports = Node.sequence((0..<2000).map { _ in .mapping(["containerPort": 15001]) })
        let crowd = Node.sequence(
            (0..<2000).map { _ in .mapping(["name": "weir-proxy", "securityContext": .mapping(["runAsUser": 1337])]) })
        let volumes = Node.sequence((0..<2000).map { _ in .mapping(["name": "weir-token"]) })
        let shapes = Node.sequence((0..<2000).map { _ in .mapping(["name": ""]) })
        for spec: Node in [
            .mapping(["containers": [.mapping(["name": "app", "ports": ports])]]),
            .mapping(["containers": crowd]), .mapping(["containers": [Self.app], "initContainers": crowd]),
            .mapping(["containers": [Self.app], "volumes": volumes]), .mapping(["containers": shapes]),
        ] {
            let result = inject(.mapping([:]), spec)
            guard case .refused = result.outcome else { return #expect(Bool(false)) }
            #expect(isTold(result))
        }
    }

    @Test func probesThatCannotBeTakenOverAreToldUpToABound() {
        let containers = Node.sequence(
            (0..<2000).map {
                .mapping(["name": .string("c\($0)"), "livenessProbe": .mapping(["tcpSocket": .mapping(["port": 0])])])
            })
        #expect(isTold(inject(.mapping([:]), .mapping(["containers": containers]))))
    }

    @Test func whatATerminalActsOnIsSpelledOut() {
        let result = inject(
            .mapping([
                "annotations": .strings(["weir.dev/\u{1b}[2J": "\u{1b}]0;x\u{7}", "weir.dev/log-level": "\u{202e}"])
            ]),
            Self.plain)
        #expect(!result.problems.isEmpty)
        for problem in result.problems {
            #expect(
                problem.oneLine.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f }, "\(problem.oneLine)")
        }
    }
}
