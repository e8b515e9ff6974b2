import APIServer
import Foundation
import GatewayAPI
import Glibc
import Testing

/// A gateway that lives on what an API server says.
@Suite struct ClusterGatewayTests {
    private static let web = ObjectKey(namespace: "shop", name: "web")

    private func rule(_ path: String, to service: String = "app", port: Int = 80) -> String {
        "- matches: [{path: {type: PathPrefix, value: \(path)}}]\n  backendRefs: [{name: \(service), port: \(port)}]"
    }

    @Test func whatTheClusterSaysIsServed() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        #expect(try cluster.gateway.get("/").text == "ok")
        #expect(cluster.api.requests.allSatisfy { $0.method == "GET" }, "a proxy only reads")
        #expect(cluster.api.requests.allSatisfy { $0.userAgent.hasPrefix("weir/") })
    }

    @Test func changesGoLive() throws {
        let first = try TestBackend(script: TestBackend.answers("first"))
        let second = try TestBackend(script: TestBackend.answers("second"))
        let cluster = try ClusterGateway(to: first)
        defer { cluster.stop(); first.close(); second.close() }
        let gateway = cluster.gateway
        #expect(try gateway.get("/").text == "first")
        try cluster.api.put(yaml: Manifest.slice("app-0", of: "app", port: second.port))
        try eventually("the endpoint's change is live") { try gateway.get("/").text == "second" }
        try cluster.api.put(yaml: Manifest.route("web", rule("/only")))
        try eventually("the route's change is live") { try gateway.get("/").status == 404 }
        #expect(try gateway.get("/only").text == "second")
        cluster.api.delete("httproutes", Self.web)
        try eventually("the route is gone") { try gateway.get("/only").status == 404 }
        cluster.api.delete("endpointslices", ObjectKey(namespace: "shop", name: "app-0"))
        try cluster.api.put(yaml: Manifest.route("web", Manifest.everything(to: "app")))
        try eventually("no endpoint is left") { try gateway.get("/").status == 503 }
    }

    @Test(arguments: [false, true])
    func trafficGoesOnWhileTheServerIsGone(forgetsHistory: Bool) throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        let client = SteadyClient { try gateway.get("/").status }
        try cluster.api.goDown()
        let before = client.total
        try eventually("traffic goes on") { client.total > before + 200 }
        #expect(try gateway.health() == 200, "what is known still serves")
        try cluster.api.put(yaml: Manifest.route("new", rule("/new", to: "later")))
        try cluster.api.put(yaml: Manifest.service("later", endpoints: [backend.port]))
        cluster.api.delete("httproutes", Self.web)
        #expect(try gateway.get("/new").status == 200, "by the old route: nobody knows of the change")
        try cluster.api.comeUp(forgetsHistory: forgetsHistory)
        try eventually("what was deleted meanwhile is gone") { try gateway.get("/").status == 404 }
        try eventually("what was made meanwhile is live") { try gateway.get("/new").status == 200 }
        // Its own next request may be the one that takes long.
        try eventually("the client sees it, too") { client.hasSeen(404) }
        let counts = client.stop()
        #expect(Set(counts.keys) == [200, 404], "\(counts), first failure: \(client.firstFailure)")
    }

    @Test func stormsOfExpiryDisturbNothing() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        let client = SteadyClient { try gateway.get("/").status }
        for number in 0..<20 {
            cluster.api.expireWatches()
            try cluster.api.put(yaml: Manifest.route("extra", rule("/extra-\(number)", to: "absent")))
            let asked = cluster.api.requests.count
            #expect(cluster.api.waitUntil { cluster.api.requests.count > asked })
        }
        try eventually("the last change is live") { try gateway.get("/extra-19").status == 500 }
        #expect(try gateway.get("/extra-18").status == 200, "earlier states are gone")
        let counts = client.stop()
        #expect(counts.keys.elementsEqual([200]), "\(counts), first failure: \(client.firstFailure)")
    }

    @Test func aSecondBrokenConnectionEveryNowAndThenIsNothing() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        for number in 0..<5 {
            cluster.api.cutWatches(inNextEvent: number.isMultiple(of: 2))
            cluster.api.repeatEvents(of: "httproutes")
            cluster.api.inject(.failure(500, on: "/httproutes"))
            cluster.api.inject(.failure(429, reason: "TooManyRequests", on: "/services", retryAfter: 1))
            try cluster.api.put(yaml: Manifest.route("extra", rule("/extra-\(number)", to: "absent")))
            try eventually("change \(number) is live") {
                try gateway.get("/extra-\(number)").status == 500
            }
        }
        #expect(try gateway.get("/").status == 200)
    }

    @Test func aGatewayIsReadyWhenEverythingIsThere() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        let fault = api.inject(Fault(.hang, on: "/httproutes", count: nil))
        let cluster = try ClusterGateway(
            Manifest.gatewayClass, Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), api: api, waitsUntilReady: false)
        defer { cluster.stop(); backend.close() }
        #expect(api.waitUntil { api.watchCount(of: "services") > 0 && api.watchCount(of: "gateways") > 0 })
        try eventually("the check answers") { try cluster.gateway.health() == 503 }
        api.remove(fault: fault)
        try cluster.gateway.waitUntilReady()
        #expect(try cluster.gateway.get("/").status == 200, "ready means that no route is missing")
    }

    @Test func aServerThatIsNotThereYetIsWaitedFor() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        try api.goDown()
        let cluster = try ClusterGateway(
            Manifest.gatewayClass, Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), api: api, waitsUntilReady: false)
        defer { cluster.stop(); backend.close() }
        try eventually("the check answers") { try cluster.gateway.health() == 503 }
        try eventually("the trouble is told") {
            cluster.gateway.process.standardError.contains("\(api.port)")
        }
        try api.comeUp()
        try eventually("ready") { try cluster.gateway.health() == 200 }
        #expect(try cluster.gateway.get("/").status == 200)
    }

    @Test func kindsThatAreNotInstalledAreTakenUpWhenTheyAre() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        for kind in ["httproutes", "backends", "referencegrants"] { api.serve(kind, versions: []) }
        let cluster = try ClusterGateway(
            Manifest.gatewayClass, Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]), api: api)
        defer { cluster.stop(); backend.close() }
        #expect(try cluster.gateway.get("/").status == 404, "ready without them")
        api.serve("httproutes", versions: ["v1beta1"])
        try api.put(yaml: Manifest.route("web", Manifest.everything(to: "app")).replacing("io/v1", with: "io/v1beta1"))
        try eventually("the routes are found") { try cluster.gateway.get("/").status == 200 }
    }

    @Test func olderServersServeOlderVersions() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        for kind in ["httproutes", "gateways", "gatewayclasses", "referencegrants"] {
            api.serve(kind, versions: ["v1beta1"])
        }
        api.setStreamsLists(false)
        func old(_ text: String) -> String { text.replacing("networking.k8s.io/v1", with: "networking.k8s.io/v1beta1") }
        let cluster = try ClusterGateway(
            old(Manifest.gatewayClass), old(Manifest.gateway()), Manifest.service("app", endpoints: [backend.port]),
            old(Manifest.route("web", Manifest.everything(to: "app"))), api: api)
        defer { cluster.stop(); backend.close() }
        #expect(try cluster.gateway.get("/").status == 200)
    }

    @Test func aMalformedObjectHurtsItselfAlone() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        let nonsense = [
            "spec: nothing", "spec: {rules: 7}", "spec: {parentRefs: [{name: edge}], rules: [{matches: [[]]}]}",
            "spec: {parentRefs: [{name: edge, port: 99999999999999999999}]}", "spec: {hostnames: {a: b}}",
        ]
        for (number, text) in nonsense.enumerated() {
            try cluster.api.put(
                yaml: "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
                    + "metadata: {name: bad-\(number), namespace: shop}\n\(text)\n")
        }
        try cluster.api.put(yaml: "{apiVersion: v1, kind: Service, metadata: {name: bad, namespace: shop}, spec: [1]}")
        try cluster.api.put(
            yaml: "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: bad, namespace: shop, "
                + "labels: {kubernetes.io/service-name: app}}, addressType: Planet, endpoints: {}, ports: 8}")
        try cluster.api.put(yaml: Manifest.route("after", rule("/after", to: "absent")))
        try eventually("what came after is live") { try gateway.get("/after").status == 500 }
        #expect(try gateway.get("/").status == 200)
        #expect(gateway.process.isRunning)
        try eventually("it is told") { gateway.process.standardError.contains("bad-0") }
    }

    @Test func answersThatAreNonsenseAreNotBelieved() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(to: backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        for body in ["", "{\"items\":7}", "{\"kind\":\"HTTPRouteList\",\"items\":["] {
            cluster.api.inject(Fault(.body(Array(body.utf8)), on: "/httproutes"))
        }
        cluster.api.inject(Fault(.cutAnswer(after: 200), on: "/services"))
        cluster.api.inject(Fault(.loseAnswer, on: "/endpointslices"))
        cluster.api.expireWatches()
        try cluster.api.put(yaml: Manifest.route("after", rule("/after", to: "absent")))
        try eventually("it finds its way back") {
            #expect(try gateway.get("/").status == 200)
            return try gateway.get("/after").status == 500
        }
    }

    @Test func aTokenIsReadAgainWhenItChanges() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        api.setTokens(["one": TokenUser(name: "weir")])
        let tokens = try TestFolder()
        defer { tokens.remove() }
        try tokens.write("token", "one")
        let cluster = try ClusterGateway(to: backend, api: api, tokenFile: tokens.path + "/token")
        defer { cluster.stop(); backend.close() }
        try tokens.write("token", "two")
        api.setTokens(["two": TokenUser(name: "weir")])
        api.endWatches()
        try api.put(yaml: Manifest.route("after", rule("/after", to: "absent")))
        try eventually("the new token is used") {
            try cluster.gateway.get("/after").status == 500
        }
    }

    @Test(arguments: [ServerCertificates.Clients.anybody, .certified])
    func itSpeaksTLSWithTheServer(clients: ServerCertificates.Clients) throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try ClusterGateway(
            to: backend, api: try APIServer(certificates: try ServerCertificates(clients)))
        defer { cluster.stop(); backend.close() }
        #expect(try cluster.gateway.get("/").status == 200)
    }

    @Test func aServerWithAnotherCertificateIsNotTrusted() throws {
        let api = try APIServer(certificates: try ServerCertificates())
        let other = try ServerCertificates()
        let folder = try TestFolder()
        let text = api.kubeconfig().replacing(
            Data(try #require(api.authority)).base64EncodedString(), with: Data(other.authority).base64EncodedString())
        try folder.write("kubeconfig", text)
        let gateway = try GatewayUnderTest(
            folder, source: ["--kubernetes", "--kubeconfig", folder.path + "/kubeconfig"], waitsUntilReady: false)
        defer { gateway.stop(); api.stop() }
        try eventually("the reason is told") { gateway.process.standardError.contains("certificate") }
        #expect(api.requests.isEmpty)
        #expect(try gateway.health() == 503)
    }
}
