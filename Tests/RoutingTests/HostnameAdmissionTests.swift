import GatewayAPI
import Testing

@testable import Routing

@Suite struct HostnameAdmissionTests {
    private static let text = "shop.example.com=b,c; *.pay.example.com=p\n x.pay.example.com = b ;any.example.com=*"

    @Test(
        "The most specific entry decides, and a wider hostname needs every one that it covers",
        arguments: [
            ("shop.example.com", "b", true), ("shop.example.com", "p", false), ("a.pay.example.com", "p", true),
            ("x.pay.example.com", "p", false), ("x.pay.example.com", "b", true), ("y.x.pay.example.com", "p", true),
            ("pay.example.com", "z", true), ("other.org", "z", true), ("any.example.com", "z", true),
            ("*.example.com", "b", false), ("*.pay.example.com", "p", false), ("", "b", false), ("*.org", "z", true),
            ("*.x.pay.example.com", "p", true), ("*.x.pay.example.com", "b", false), ("com", "z", true),
            ("xpay.example.com", "z", true), ("*.ay.example.com", "z", true),
        ])
    func admission(_ hostname: String, _ namespace: String, _ isAdmitted: Bool) {
        #expect((HostnameAdmission(Self.text).refusing(hostname, to: namespace) == nil) == isAdmitted)
        #expect(HostnameAdmission(Self.text).defects.isEmpty)
    }

    @Test(
        "What cannot be read admits nobody, and is told",
        arguments: [
            ("shop.example.com", "shop.example.com"), ("shop.example.com=", "shop.example.com"),
            ("shop.example.com=B_C", "shop.example.com"), ("shop.example.com:b", "shop.example.com"),
            ("shop.example.com:b", "other.example.com"), ("shop_example.com=b", "shop.example.com"),
            ("=b", "shop.example.com"), ("shop.example.com=b;shop.example.com=c", "shop.example.com"),
        ])
    func unreadable(_ text: String, _ hostname: String) {
        let admission = HostnameAdmission(text)
        #expect(!admission.defects.isEmpty)
        #expect(admission.refusing(hostname, to: "b") != nil)
    }

    @Test("* stands for every hostname that is not listed, and beyond the limit nothing is admitted")
    func others() {
        let admission = HostnameAdmission("*=platform; shop.example.com=b")
        #expect(admission.refusing("shop.example.com", to: "b") == nil)
        #expect(admission.refusing("other.example.com", to: "b") != nil)
        #expect(admission.refusing("other.example.com", to: "platform") == nil)
        for empty in ["", " ", ";\n"] {
            #expect(HostnameAdmission(empty).refusing("shop.example.com", to: "b") != nil)
            #expect(!HostnameAdmission(empty).defects.isEmpty)
        }
        let many = (0...HostnameAdmission.maximumEntries).map { "h\($0).example.com=b" }.joined(separator: ";")
        #expect(HostnameAdmission(many).refusing("h\(HostnameAdmission.maximumEntries).example.com", to: "b") != nil)
        #expect(HostnameAdmission(many).refusing("h1.example.com", to: "b") == nil)
    }

    @Test("Hostnames beside Services alone as parents are ignored, which is told")
    func idleHostnames() throws {
        func ignored(_ parents: String) throws -> [String] {
            let resources = try PlanFixture.resources(
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: r, namespace: shop}
                spec: {parentRefs: [\(parents)], hostnames: [a.example], rules: [{backendRefs: [{name: app, port: 80}]}]}
                """)
            return RoutePlanner.plan(resources: resources, scope: .cluster).problems
                .filter { $0.severity == .error && $0.field == "spec.hostnames" }.map(\.value)
        }
        let service = "{group: \"\", kind: Service, name: app}"
        #expect(try ignored(service) == ["a.example"])
        #expect(try ignored("\(service), {name: web}") == [])
        #expect(try ignored("{name: web}") == [])
    }
}
