internal import Controller
internal import GatewayAPI
internal import Injection
internal import Kubernetes

/// Pure entry for fuzzing what an admission webhook is sent. Takes any bytes and returns the invariants that they
/// broke: nothing, if all is well.
package enum AdmissionFuzz {
    package static func answer(_ bytes: [UInt8]) -> [String] {
        let injector = Injector(settings: InjectionSettings(image: "weir:1", version: "1"))
        let webhook = InjectionWebhook(injector: injector) { _, done in done(["weir.dev/inject": "enabled"]) }
        var responses: [InjectionWebhook.Response] = []
        webhook.answer(body: bytes) { responses.append($0) }
        guard responses.count == 1, let response = responses.first else { return ["\(responses.count) answers"] }
        switch response.status {
        case 200: return check(response.body, to: bytes)
        case 400: return response.body.isEmpty ? ["a refusal without a reason"] : []
        default: return ["status \(response.status)"]
        }
    }

    /// As far as injection touches it, and written apart from it.
    private static func isPod(_ pod: Node) -> Bool {
        func isMapping(_ node: Node?) -> Bool {
            switch node?.value {
            case nil, .null?, .mapping?: true
            default: false
            }
        }
        let metadata = pod["metadata"]
        let texts = ["labels", "annotations"].flatMap { metadata?[$0]?.members ?? [] }
        let containers = pod["spec"]?["containers"]?.elements ?? []
        let all = containers + (pod["spec"]?["initContainers"]?.elements ?? [])
        return isMapping(metadata) && isMapping(metadata?["labels"]) && isMapping(metadata?["annotations"])
            && texts.allSatisfy { $0.value.stringValue != nil || $0.value.value == .null } && !containers.isEmpty
            && all.allSatisfy { $0["name"]?.stringValue?.isEmpty == false && isMapping($0["lifecycle"]) }
    }

    private static func check(_ body: [UInt8], to bytes: [UInt8]) -> [String] {
        guard let review = try? AdmissionReview(bytes) else { return ["an answer to no review"] }
        guard let answer = try? JSONReader.node(body), let response = answer["response"] else { return ["no review"] }
        var broken: [String] = []
        if answer["apiVersion"]?.stringValue != review.apiVersion { broken.append("another version") }
        if response["uid"]?.stringValue != review.uid { broken.append("another uid") }
        guard let isAllowed = response["allowed"]?.boolValue else { return broken + ["no verdict"] }
        if !isAllowed, response["status"]?["message"]?.stringValue?.isEmpty ?? true {
            broken.append("a denial without a reason")
        }
        guard let patch = response["patch"]?.stringValue else { return broken }
        guard let decoded = Base64.decode(patch), let operations = try? JSONReader.node(decoded) else {
            return broken + ["a patch that cannot be read"]
        }
        if !isAllowed || !review.isNewPod || operations.elements.isEmpty { broken.append("a patch where none is due") }
        if let pod = review.object, !isPod(pod) { broken.append("a patch of what has not the shape of a pod") }
        return broken
    }
}
