import Controller
import GatewayAPI
import Injection
import Kubernetes
import Testing

@Suite struct InjectionWebhookTests {
    private func webhook(labels: [String: String]? = ["weir.dev/inject": "enabled"]) -> InjectionWebhook {
        InjectionWebhook(injector: Injector(settings: InjectionSettings(image: "weir:1", version: "1"))) { _, done in
            done(labels)
        }
    }

    private func pod(_ metadata: String = "", _ spec: String = "") -> String {
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"web-""# + metadata
            + #"},"spec":{"containers":[{"name":"web","image":"web"}]"# + spec + "}}"
    }

    private func review(
        _ object: String, version: String = "v1", kind: String = "Pod", operation: String = "CREATE",
        subresource: String = ""
    ) -> [UInt8] {
        let request =
            #"{"uid":"u1","kind":{"group":"","version":"v1","kind":"\#(kind)"},"namespace":"shop","operation":"\#(operation)","#
            + #""subResource":"\#(subresource)","dryRun":true,"object":\#(object)}"#
        return Array(
            #"{"apiVersion":"admission.k8s.io/\#(version)","kind":"AdmissionReview","request":\#(request)}"#.utf8)
    }

    private func answer(_ body: [UInt8], _ webhook: InjectionWebhook? = nil) throws -> InjectionWebhook.Response {
        var responses: [InjectionWebhook.Response] = []
        (webhook ?? self.webhook()).answer(body: body) { responses.append($0) }
        #expect(responses.count == 1)
        return try #require(responses.first)
    }

    private func verdict(_ body: [UInt8], _ webhook: InjectionWebhook? = nil) throws -> Node {
        let response = try answer(body, webhook)
        #expect(response.status == 200)
        let node = try JSONReader.node(response.body)
        #expect(node["kind"]?.stringValue == "AdmissionReview")
        #expect(node["response"]?["uid"]?.stringValue == "u1")
        return try #require(node["response"])
    }

    private func patch(_ response: Node) throws -> Node {
        #expect(response["patchType"]?.stringValue == "JSONPatch")
        let text = try #require(response["patch"]?.stringValue)
        return try JSONReader.node(try #require(Base64.decode(text)))
    }

    @Test(arguments: ["v1", "v1beta1"])
    func aPodWithoutNameIsPatchedInTheVersionThatWasAsked(_ version: String) throws {
        let body = review(pod(), version: version)
        #expect(
            try JSONReader.node(try answer(body).body)["apiVersion"]?.stringValue == "admission.k8s.io/\(version)")
        let response = try verdict(body)
        #expect(response["allowed"]?.boolValue == true)
        let original = try JSONReader.node(Array(pod().utf8))
        let injected = try PatchApplication.apply(try patch(response), to: original)
        #expect(
            injected["spec"]?["initContainers"]?.elements.map { $0["name"]?.stringValue } == [
                "weir-redirect", "weir-proxy",
            ])
        #expect(injected["metadata"]?["annotations"]?["weir.dev/status"] != nil)
    }

    /// The API server asks again when a later webhook has changed the pod.
    @Test func reinvocationChangesNothingOrTakesNewContainersIn() throws {
        let original = try JSONReader.node(Array(pod().utf8))
        var injected = try PatchApplication.apply(try patch(try verdict(review(pod()))), to: original)
        let again = try verdict(review(injected.jsonText))
        #expect(again["allowed"]?.boolValue == true)
        #expect(again["patch"] == nil)

        let late = try JSONReader.node(
            Array(#"{"name":"late","image":"late","livenessProbe":{"httpGet":{"port":7000,"path":"/up"}}}"#.utf8))
        injected.update("spec") { spec in
            spec.set("containers", .sequence((spec["containers"]?.elements ?? []) + [late]))
        }
        let third = try PatchApplication.apply(try patch(try verdict(review(injected.jsonText))), to: injected)
        #expect(
            third["spec"]?["containers"]?.elements.last?["livenessProbe"]?["httpGet"]?["port"]?.integerValue == 15020)
        #expect(third.jsonText.contains("/probe/late/livez http 7000 1 /up"))
    }

    /// The text names the field; nothing is patched past what is wrong.
    @Test(arguments: [
        (#"{"spec":{"containers":[null,1]}}"#, "spec.containers[0]"),
        (#"{"spec":{"containers":[{"image":"web"}]}}"#, "spec.containers[0].name"),
        (#"{"spec":{"containers":[{"name":""}]}}"#, "spec.containers[0].name"),
        (#"{"spec":{"containers":{"name":"web"}}}"#, "spec.containers"),
        (#"{"spec":{"containers":[]}}"#, "spec.containers"),
        (#"{"spec":{}}"#, "spec.containers"), (#"{"spec":"web"}"#, "spec"), ("{}", "spec"),
        (#"{"metadata":"web","spec":{"containers":[{"name":"web"}]}}"#, "metadata"),
        (#"{"metadata":{"labels":["a"]},"spec":{"containers":[{"name":"web"}]}}"#, "metadata.labels"),
        (#"{"metadata":{"annotations":{"a":1}},"spec":{"containers":[{"name":"web"}]}}"#, "metadata.annotations[a]"),
        (#"{"metadata":{"annotations":{"a":{}}},"spec":{"containers":[{"name":"web"}]}}"#, "metadata.annotations[a]"),
        (#"{"spec":{"containers":[{"name":"web"}],"initContainers":[7]}}"#, "spec.initContainers[0]"),
        (#"{"spec":{"containers":[{"name":"web"}],"initContainers":{}}}"#, "spec.initContainers"),
        (#"{"spec":{"containers":[{"name":"web"}],"volumes":["v"]}}"#, "spec.volumes[0]"),
        (#"{"spec":{"containers":[{"name":"web"}],"imagePullSecrets":"s"}}"#, "spec.imagePullSecrets"),
        (#"{"spec":{"containers":[{"name":"web","lifecycle":"x"}]}}"#, "spec.containers[0].lifecycle"),
        (#"{"spec":{"containers":[{"name":"web","ports":{}}]}}"#, "spec.containers[0].ports"),
        (
            #"{"metadata":{"annotations":{"weir.dev/status":"x"},"labels":1},"spec":{"containers":[{"name":"web"}]}}"#,
            "metadata.labels"
        ),
    ])
    func whatHasNotTheShapeOfAPodIsDenied(_ object: String, _ field: String) throws {
        let response = try verdict(review(object))
        #expect(response["allowed"]?.boolValue == false)
        #expect(response["patch"] == nil)
        #expect(response["status"]?["code"]?.integerValue == 422)
        let message = response["status"]?["message"]?.stringValue ?? ""
        #expect(message.hasPrefix("weir: \(field): must "), "\(message)")
    }

    /// What a pod leaves out, or leaves empty, is made by the patch before anything is put into it.
    @Test(arguments: [
        #"{"spec":{"containers":[{"name":"web"}]}}"#,
        #"{"metadata":null,"spec":{"containers":[{"name":"web"}],"initContainers":null,"volumes":null}}"#,
        #"{"metadata":{"labels":null,"annotations":null},"spec":{"containers":[{"name":"web","lifecycle":null}]}}"#,
        #"{"metadata":{"annotations":{"a":null}},"spec":{"containers":[{"name":"web","lifecycle":{"preStop":null}}]}}"#,
    ])
    func aPatchMakesTheParentsOfWhatItAdds(_ object: String) throws {
        let original = try JSONReader.node(Array(object.utf8))
        let injected = try PatchApplication.apply(try patch(try verdict(review(object))), to: original)
        #expect(injected["metadata"]?["annotations"]?["weir.dev/status"] != nil)
        #expect(injected["metadata"]?["labels"]?["weir.dev/proxy"]?.stringValue == "sidecar")
        #expect(injected["spec"]?["initContainers"]?.elements.count == 2)
        #expect(injected["spec"]?["volumes"]?.elements.count == 2)
    }

    /// Kubernetes lets images of pods that exist be changed.
    @Test(arguments: [
        ("weir-redirect", "evil.example.com/any:1", false), ("weir-redirect", "weir:2", false),
        ("weir-redirect", "weir:1", true),
        ("weir-proxy", "evil.example.com/any:1", false), ("weir-proxy", "weir-evil:1", false),
        ("weir-proxy", "weir:2", true),
        ("web", "web:2", true),
    ])
    func anUpdateChangesNoImageOfOursButTheProxysTag(_ container: String, _ image: String, _ isAllowed: Bool) throws {
        let original = try JSONReader.node(Array(pod().utf8))
        let injected = try PatchApplication.apply(try patch(try verdict(review(pod()))), to: original)
        var changed = injected
        changed.update("spec") { spec in
            for list in ["initContainers", "containers"] {
                let containers = (spec[list]?.elements ?? []).map { element in
                    var element = element
                    if element["name"]?.stringValue == container { element.set("image", .string(image)) }
                    return element
                }
                spec.set(list, .sequence(containers))
            }
        }
        let response = try verdict(update(injected, changed))
        #expect(response["allowed"]?.boolValue == isAllowed)
        #expect(response["patch"] == nil)
        // Nor in two steps, of which the first takes off what updates are looked at by.
        var bare = injected
        bare.update("metadata") { $0.update("labels") { $0.set("weir.dev/proxy", nil) } }
        #expect(try verdict(update(injected, bare))["allowed"]?.boolValue == false)
        #expect(try verdict(update(injected, injected))["allowed"]?.boolValue == true)
        #expect(try verdict(update(original, original))["allowed"]?.boolValue == true)
    }

    private func update(_ before: Node, _ after: Node) -> [UInt8] {
        let request =
            #"{"uid":"u1","kind":{"group":"","version":"v1","kind":"Pod"},"namespace":"shop","operation":"UPDATE","#
            + "\"oldObject\":\(before.jsonText),\"object\":\(after.jsonText)}"
        return Array(
            "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":\(request)}".utf8)
    }

    @Test func whatIsNoNewPodIsLeftAlone() throws {
        let others = [
            review(pod(), operation: "UPDATE"), review("null", operation: "DELETE"), review(pod(), kind: "Deployment"),
            review(pod(), operation: "CREATE", subresource: "binding"), review(pod(), operation: "CONNECT"),
        ]
        for body in others {
            let response = try verdict(body)
            #expect(response["allowed"]?.boolValue == true)
            #expect(response["patch"] == nil)
        }
    }

    @Test func aPodOfANamespaceThatDoesNotAskIsLeftAlone() throws {
        let response = try verdict(review(pod()), webhook(labels: [:]))
        #expect(response["allowed"]?.boolValue == true)
        #expect(response["patch"] == nil)
    }

    @Test func aPodThatAsksItselfNeedsNoNamespace() throws {
        let asking = review(pod(#","labels":{"weir.dev/inject":"enabled"}"#))
        #expect(try verdict(asking, webhook(labels: nil))["patch"] != nil)
    }

    /// To admit the pod as it is would take it out of the mesh without a word.
    @Test func withoutTheNamespacesLabelsNobodyIsAdmitted() throws {
        #expect(try answer(review(pod()), webhook(labels: nil)).status == 503)
    }

    @Test func mistakesAreDeniedByFieldAndValue() throws {
        let response = try verdict(review(pod(#","annotations":{"weir.dev/sidecar":"ambient"}"#)))
        #expect(response["allowed"]?.boolValue == false)
        let message = try #require(response["status"]?["message"]?.stringValue)
        #expect(message.contains("metadata.annotations[weir.dev/sidecar]: ambient"))
    }

    @Test func unknownAnnotationsAndHostNetworkAreWarnedOf() throws {
        let mistyped = try verdict(review(pod(#","annotations":{"weir.dev/side-car":"native"}"#)))
        #expect(mistyped["patch"] != nil)
        #expect(mistyped["warnings"]?.elements.first?.stringValue?.contains("weir.dev/sidecar is") == true)
        let host = try verdict(review(pod("", #","hostNetwork":true"#)))
        #expect(host["allowed"]?.boolValue == true)
        #expect(host["patch"] == nil)
        #expect(host["warnings"]?.elements.count == 1)
    }

    @Test func warningsStayWithinWhatIsShown() throws {
        let long = String(repeating: "x", count: 5000)
        let response = try verdict(review(pod(#","annotations":{"weir.dev/\#(long)":"\#(long)"}"#)))
        for warning in response["warnings"]?.elements ?? [] { #expect((warning.stringValue?.utf8.count ?? 999) <= 256) }
    }

    private static func names(_ count: Int) -> String {
        (0..<count).map { number in "\"weir.dev/x\(number)\":\"y\"" }.joined(separator: ",")
    }

    private static let largePods: [String] = [
        "\"annotations\":{" + names(8000) + "}",
        "\"labels\":{" + names(40_000) + "}",
        "\"labels\":{\"weir.dev/" + String(repeating: "x", count: 1_000_000) + "\":\"y\"}",
        #""labels":{"weir.dev/\u001b[2J\u202e":"\u009b31m"}"#,
    ]

    /// Whatever part of a pod is large, the review is answered, in words that fit a terminal.
    @Test(.timeLimit(.minutes(1)), arguments: largePods)
    func aLargeOrHostilePodIsAnsweredInFewWords(_ metadata: String) throws {
        let response = try verdict(review(pod("," + metadata)))
        let warnings = response["warnings"]?.elements.compactMap(\.stringValue) ?? []
        #expect(!warnings.isEmpty && warnings.count <= 12)
        for warning in warnings {
            #expect(warning.utf8.count <= 256)
            #expect(warning.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "\(warning)")
        }
    }

    /// The sender can name any pod.
    @Test func aNameIsToldInFewWords() throws {
        let body =
            #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","#
            + #""kind":{"group":"","kind":"Pod"},"namespace":"\#(String(repeating: "n", count: 9999))","#
            + #""name":"a\u001b[2J\#(String(repeating: "x", count: 9999))","object":{}}}"#
        let subject = try AdmissionReview(Array(body.utf8)).subject
        #expect(subject.utf8.count < 200)
        #expect(subject.contains(#"/a\u{1B}[2Jx"#))
    }

    @Test(arguments: [
        "", "nonsense", "[]", "{}", "null", #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#,
        #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}"#,
        #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}"#,
        #"{"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview","request":{"uid":"u1"}}"#,
    ])
    func nonsenseIs400WithAReason(_ body: String) throws {
        let response = try answer(Array(body.utf8))
        #expect(response.status == 400)
        #expect(!response.body.isEmpty)
    }

    @Test func deepNestingIsRefused() throws {
        let deep = review(String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000))
        #expect(try answer(deep).status == 400)
    }

    @Test(arguments: ["null", "7", "[]", #""pod""#, #"{"spec":7}"#, #"{"spec":{"containers":{}}}"#, "{}"])
    func aPodThatIsNoneIsDenied(_ object: String) throws {
        let response = try verdict(review(object))
        #expect(response["allowed"]?.boolValue == false)
        #expect(response["status"]?["message"]?.stringValue?.isEmpty == false)
    }
}
