import Foundation
import GatewayAPI
import Routing
import Testing

/// The status of every object in every manifest of the conformance suite, against a table that was written from the
/// suite's assertions. A line is `Kind namespace/name[...]: words`; each word has to hold.
@Suite struct ConformanceStatusTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var lines: [String]
        var testDescription: String { file }
    }

    static let cases: [Case] = {
        let url = PlanFixture.root.appending(path: "Tests/Fixtures/conformance-status.txt")
        let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        var cases: [Case] = []
        for line in text.split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
            if line.hasPrefix(" ") {
                if !cases.isEmpty { cases[cases.count - 1].lines.append(line.trimmingCharacters(in: .whitespaces)) }
            } else {
                cases.append(Case(file: line, lines: []))
            }
        }
        return cases
    }()

    @Test func everyManifestHasItsStatusInTheTable() {
        let files = PlanConformanceTests.files("tests") + PlanConformanceTests.files("tests-mesh")
        #expect(Self.cases.map(\.file) == files)
        #expect(files.count > 100)
    }

    @Test(arguments: cases) func statusIsWhatTheSuiteAsksFor(_ expected: Case) throws {
        let actual = try ConformanceStatus.lines(of: expected.file)
        // Every object of the file is spoken of, and nothing is said of other kinds.
        #expect(expected.lines.map(ConformanceStatus.subject) == actual.map(ConformanceStatus.subject))
        for line in expected.lines {
            let found = actual.first { ConformanceStatus.subject($0) == ConformanceStatus.subject(line) }
            let said = Set((found ?? "").split(separator: " "))
            for word in line.dropFirst(ConformanceStatus.subject(line).count + 1).split(separator: " ") {
                #expect(said.contains(word), "\(line)\n  is: \(found ?? "nothing")")
            }
        }
    }
}

/// The statuses of one manifest's own objects as lines of words.
enum ConformanceStatus {
    private static let infra = "gateway-conformance-infra"
    /// What the suite makes itself before it starts.
    private static let certificates = [
        (infra, "tls-validity-checks-certificate"), (infra, "tls-terminate-checks-certificate"),
        (infra, "tls-checks-certificate"), (infra, "tls-checks-client-certificate"),
        ("gateway-conformance-web-backend", "certificate"),
    ]

    static func subject(_ line: String) -> String {
        String(line.prefix { $0 != ":" })
    }

    static func lines(of file: String) throws -> [String] {
        let base = file.hasPrefix("tests-mesh") ? "mesh/manifests.yaml" : "base/manifests.yaml"
        let texts = try [base, file].map { name in
            try String(contentsOf: ConformanceData.folder.appending(path: name), encoding: .utf8)
                .replacingOccurrences(of: "{GATEWAY_CLASS_NAME}", with: "weir")
                .replacingOccurrences(of: "{GATEWAY_CONTROLLER_NAME}", with: RoutePlanner.gatewayController)
        }
        var resources = try PlanFixture.resources(texts[0], texts[1])
        for (namespace, name) in certificates {
            resources.insert(.secret(PlanFixture.certificate(ObjectKey(namespace: namespace, name: name))))
        }
        let own = try PlanFixture.resources(texts[1])
        return lines(RoutePlanner.plan(resources: resources, scope: .cluster).statuses, own)
    }

    private static func lines(_ report: StatusReport, _ own: ResourceSet) -> [String] {
        var lines: [String] = []
        for name in own.gatewayClasses.keys.sorted() {
            lines.append("GatewayClass \(name): " + words(report.gatewayClasses[name] ?? []))
        }
        for key in own.gateways.keys.sorted() {
            guard let status = report.gateways[key] else { continue }
            lines.append("Gateway \(key): " + words(status.conditions))
            for listener in status.listeners {
                let kinds = listener.supportedKinds.map(\.kind).joined(separator: ",")
                lines.append(
                    "Listener \(key)/\(listener.name): kinds=\(kinds) attached=\(listener.attachedRoutes) "
                        + words(listener.conditions))
            }
        }
        for key in own.httpRoutes.keys.sorted() {
            for parent in report.httpRoutes[key] ?? [] {
                let section = parent.parentRef.sectionName.map { "#\($0)" } ?? ""
                let port = parent.parentRef.port.map { " port \($0)" } ?? ""
                lines.append(
                    "HTTPRoute \(key) at \(parent.parentRef.kind) \(parent.parentRef.name)\(section)\(port): "
                        + words(parent.conditions))
            }
        }
        return lines
    }

    private static func words(_ conditions: [Condition]) -> String {
        conditions.map { "\($0.type)=\($0.status ? "True" : "False")/\($0.reason)" }.joined(separator: " ")
    }
}
