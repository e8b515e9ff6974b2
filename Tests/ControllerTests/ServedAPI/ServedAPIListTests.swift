import ControlHTTP
import GatewayAPI
import HTTP
import Kubernetes
import Testing

@testable import Controller

@Suite struct ServedAPIListTests {
    private let fixture: ServedAPIFixture

    init() throws {
        fixture = try ServedAPIFixture()
        for name in ["a", "b", "c"] {
            fixture.cache.put(.service, .service(name, labels: ["app": name, "tier": name == "c" ? "back" : "front"]))
        }
        fixture.cache.put(.service, .service("a", in: "other"))
    }

    @Test func aListHasEveryObjectWithItsKindAndTheVersion() throws {
        let answer = try fixture.get("/api/v1/services")
        #expect(answer.status == 200 && answer.names == ["other/a", "shop/a", "shop/b", "shop/c"])
        #expect(answer.node["kind"]?.stringValue == "ServiceList" && answer.node["apiVersion"]?.stringValue == "v1")
        #expect(answer.version == String(fixture.cache.version) && answer.continuation == nil)
        #expect(answer.fields["content-type"] == "application/json")
    }

    @Test func aListCanBeOfOneNamespaceAndEmpty() throws {
        #expect(try fixture.get("/api/v1/namespaces/other/services").names == ["other/a"])
        let empty = try fixture.get("/apis/gateway.networking.k8s.io/v1/httproutes")
        #expect(empty.status == 200 && empty.node["kind"]?.stringValue == "HTTPRouteList")
        #expect(empty.node["items"]?.elements.isEmpty == true)
    }

    @Test func oneObjectCanBeRead() throws {
        let answer = try fixture.get("/api/v1/namespaces/shop/services/b")
        #expect(answer.status == 200 && answer.node["metadata"]?["name"]?.stringValue == "b")
        let missing = try fixture.get("/api/v1/namespaces/shop/services/z")
        #expect(missing.status == 404 && missing.reason == "NotFound")
        #expect(missing.node["kind"]?.stringValue == "Status" && missing.node["code"]?.integerValue == 404)
    }

    @Test(arguments: [1, 2, 3, 4, 100])
    func pagesTogetherAreTheWhole(_ limit: Int) throws {
        var names: [String] = []
        var target = "/api/v1/services?limit=\(limit)"
        var versions: Set<String> = []
        while true {
            let page = try fixture.get(target)
            names += page.names
            versions.insert(page.version)
            #expect(page.names.count <= limit)
            guard let next = page.continuation else { break }
            // What happens between pages does not move the version that a watch is to go on from.
            fixture.cache.put(.service, .service("zz", port: Int64(names.count)))
            target = "/api/v1/services?limit=\(limit)&continue=" + HTTPQuery.escape(next)
        }
        #expect(names.filter { $0 != "shop/zz" } == ["other/a", "shop/a", "shop/b", "shop/c"])
        #expect(versions.count == 1)
    }

    @Test func aPageOfAnotherServerIsNotGoneOnWith() throws {
        let other = ListContinuation(version: 12, key: ObjectKey(namespace: "shop", name: "a")).text
        #expect(try fixture.get("/api/v1/services?continue=" + HTTPQuery.escape(other)).status == 410)
        #expect(try fixture.get("/api/v1/services?continue=nonsense").status == 400)
        #expect(try fixture.get("/api/v1/services?limit=x").status == 400)
    }

    @Test(arguments: [
        ("app=a", ["other", "shop/a"]), ("app==b", ["shop/b"]), ("app!=a", ["shop/b", "shop/c", "other"]),
        ("tier in (front,back),app notin (a)", ["shop/b", "shop/c"]), ("app", ["shop/a", "shop/b", "shop/c"]),
        ("!app", ["other"]), ("app=a,tier=back", []), ("tier in (back)", ["shop/c"]),
    ])
    func labelsSelect(_ selector: String, _ expected: [String]) throws {
        fixture.cache.remove(.service, ObjectKey(namespace: "other", name: "a"))
        let names = try fixture.get("/api/v1/services?labelSelector=" + HTTPQuery.escape(selector)).names
        #expect(names == expected.filter { $0 != "other" })
        // An object without labels.
        fixture.cache.put(.service, .service("bare", in: "other"))
        let more = try fixture.get("/api/v1/services?labelSelector=" + HTTPQuery.escape(selector)).names
        let isWithout = selector.contains("!")
        #expect(more.contains("other/bare") == isWithout)
    }

    @Test func namesAndNamespacesSelect() throws {
        #expect(try fixture.get("/api/v1/services?fieldSelector=metadata.name%3Da").names == ["other/a", "shop/a"])
        let both = "metadata.name=a,metadata.namespace=shop"
        #expect(try fixture.get("/api/v1/services?fieldSelector=" + HTTPQuery.escape(both)).names == ["shop/a"])
        let other = "/api/v1/namespaces/shop/services?fieldSelector=metadata.namespace%3Dother"
        #expect(try fixture.get(other).status == 400)
    }

    @Test(arguments: [
        "labelSelector=a%20b", "labelSelector=a%20in%20x", "labelSelector=%3Db", "labelSelector=a%20in%20(b",
        "labelSelector=a%20near%20(b)", "fieldSelector=spec.type%3Dx", "fieldSelector=metadata.name!%3Da",
        "resourceVersion=abc", "labelSelector=" + String(repeating: "a", count: 5000),
        "labelSelector=" + String(repeating: "a,", count: 100), "watch=1&timeoutSeconds=-1",
    ])
    func whatCannotBeUnderstoodIsRefused(_ query: String) throws {
        let answer = try fixture.get("/api/v1/services?" + query)
        #expect(answer.status == 400 && answer.reason == "BadRequest")
    }

    @Test(arguments: [
        "/api/v1/secrets", "/api/v1/pods", "/api/v1/namespaces/shop/secrets/x", "/apis/apps/v1/deployments",
        "/nonsense",
        "/apis/gateway.networking.k8s.io/v1beta1/httproutes", "/api/v2/services", "/openapi/v2", "/",
        "/api/v1/namespaces/shop/services/a/status", "/api/v1/services/a", "/apis/nothing", "/apis/apps/v1",
    ])
    func whatIsNotServedIsNotThere(_ path: String) throws {
        let answer = try fixture.get(path)
        #expect(answer.status == 404 && answer.node["kind"]?.stringValue == "Status")
    }

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete])
    func nothingCanBeWritten(_ method: HTTPMethod) throws {
        let answer = try fixture.send(
            HTTPClientRequest(method, "/api/v1/namespaces/shop/services/a", body: Array("{}".utf8)))
        #expect(answer.status == 405 && answer.reason == "MethodNotAllowed")
        #expect(fixture.cache.objectCount == 4)
    }

    @Test func beforeEverythingIsReadNothingIsAnswered() throws {
        let fixture = try ServedAPIFixture(isReady: false)
        fixture.cache.put(.service, .service("half"))
        let answer = try fixture.get("/api/v1/services")
        #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
        #expect(try fixture.get("/api/v1/services?watch=1").status == 503)
        fixture.cache.setReady(.service)
        #expect(try fixture.get("/api/v1/services").names == ["shop/half"])
    }

    @Test func aKindThatIsNotInstalledIsNotServedUntilItIs() throws {
        let path = "/apis/gateway.networking.k8s.io/v1/httproutes"
        fixture.cache.observe(.httpRoute, .absent)
        #expect(try fixture.get(path).status == 404)
        let resources = try fixture.get("/apis/gateway.networking.k8s.io/v1").node["resources"]?.elements ?? []
        #expect(!resources.contains { $0["name"]?.stringValue == "httproutes" } && !resources.isEmpty)
        fixture.cache.observe(.httpRoute, .synced)
        #expect(try fixture.get(path).status == 200)
    }

    @Test func listsKnowVersions() throws {
        let version = try fixture.get("/api/v1/services").version
        for query in [
            "resourceVersion=0", "resourceVersion=\(version)", "resourceVersion=\(version)&resourceVersionMatch=Exact",
        ] {
            #expect(try fixture.get("/api/v1/services?" + query).status == 200)
        }
        fixture.cache.put(.service, .service("d"))
        #expect(try fixture.get("/api/v1/services?resourceVersion=\(version)").names.count == 5)
        let exact = try fixture.get("/api/v1/services?resourceVersion=\(version)&resourceVersionMatch=Exact")
        #expect(exact.status == 410 && exact.reason == "Expired")
        #expect(try fixture.get("/api/v1/services?resourceVersion=77").status == 410)
    }

    @Test func clientsFindWhatThereIs() throws {
        #expect(try fixture.get("/api").node["versions"]?.elements.map(\.stringValue) == ["v1"])
        let groups = try fixture.get("/apis").node["groups"]?.elements ?? []
        #expect(
            groups.map { $0["name"]?.stringValue }
                == ["discovery.k8s.io", "gateway.networking.k8s.io", "gateway.kgateway.dev"])
        let group = try fixture.get("/apis/discovery.k8s.io").node
        #expect(group["preferredVersion"]?["groupVersion"]?.stringValue == "discovery.k8s.io/v1")
        let core = try fixture.get("/api/v1").node["resources"]?.elements ?? []
        #expect(core.map { $0["name"]?.stringValue } == ["namespaces", "services"])
        #expect(core.map { $0["namespaced"]?.boolValue } == [false, true])
        #expect(core.allSatisfy { $0["verbs"]?.elements.map(\.stringValue) == ["get", "list", "watch"] })
        #expect(try fixture.get("/version").node["gitVersion"]?.stringValue?.hasPrefix("v1.") == true)
    }

    @Test func aLongListIsSentAsItIsTaken() throws {
        var limits = ServedAPILimits()
        limits.batchBytes = 1000
        let fixture = try ServedAPIFixture(limits: limits)
        for number in 0..<500 { fixture.cache.put(.service, .service("s\(1000 + number)")) }
        #expect(try fixture.get("/api/v1/services").names == (0..<500).map { "shop/s\(1000 + $0)" })
        #expect(try fixture.get("/api/v1/services?labelSelector=x").names.isEmpty)
    }
}
