package import GatewayAPI
internal import Kubernetes

/// Why a body is no review that could be answered.
package struct AdmissionError: Error, Hashable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}

/// What the API server asks of an admission webhook (`AdmissionReview` of `admission.k8s.io`, v1 or v1beta1).
package struct AdmissionReview: Sendable {
    /// The answer has to be in the same version.
    package var apiVersion: String
    package var uid: String
    /// `group/kind`; the version does not matter to us.
    package var group: String
    package var kind: String
    package var subresource: String
    package var operation: String
    package var namespace: String
    /// Empty while the API server has still to make one from `generateName`.
    package var name: String
    /// nil on DELETE.
    package var object: Node?
    /// The object as it is, on UPDATE and DELETE.
    package var oldObject: Node?

    private static let versions = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]
    /// The API server takes no request above 3 MiB, and the review of a new pod holds it once.
    package static let maximumBytes = 4 << 20
    /// Pods are no deeper than some twenty levels.
    private static let maximumDepth = 64
    private static let maximumNodes = 100_000
    /// A UUID has 36 characters.
    private static let maximumUIDLength = 256
    /// Bytes of a name in a message: whoever reaches the webhook can name any pod.
    private static let shownBytes = 80

    package init(_ body: [UInt8]) throws(AdmissionError) {
        var limits = JSONLimits()
        limits.bytes = Self.maximumBytes
        limits.depth = Self.maximumDepth
        limits.nodes = Self.maximumNodes
        let review: Node
        do throws(JSONError) { review = try JSONReader.node(body, limits: limits) } catch {
            throw AdmissionError("the body is not JSON that can be read: \(error)")
        }
        guard let version = review["apiVersion"]?.stringValue, Self.versions.contains(version),
            review["kind"]?.stringValue == "AdmissionReview"
        else { throw AdmissionError("the body is no AdmissionReview of \(Self.versions.joined(separator: " or "))") }
        guard let request = review["request"], case .mapping = request.value else {
            throw AdmissionError("request: must be the request that is asked about")
        }
        guard let uid = request["uid"]?.stringValue, !uid.isEmpty, uid.utf8.count <= Self.maximumUIDLength else {
            throw AdmissionError(
                "request.uid: must be a text of 1..\(Self.maximumUIDLength) bytes; no answer could name it")
        }
        apiVersion = version
        self.uid = uid
        group = request["kind"]?["group"]?.stringValue ?? ""
        kind = request["kind"]?["kind"]?.stringValue ?? ""
        subresource = request["subResource"]?.stringValue ?? ""
        operation = request["operation"]?.stringValue ?? ""
        namespace = request["namespace"]?.stringValue ?? ""
        name = request["name"]?.stringValue ?? ""
        object = request["object"].flatMap { $0.value == .null ? nil : $0 }
        oldObject = request["oldObject"].flatMap { $0.value == .null ? nil : $0 }
    }

    /// Only a new pod can be injected: the containers of one that exists cannot change.
    package var isNewPod: Bool {
        group.isEmpty && kind == "Pod" && subresource.isEmpty && operation == "CREATE"
    }

    package var isPodUpdate: Bool {
        group.isEmpty && kind == "Pod" && subresource.isEmpty && operation == "UPDATE"
    }

    /// As messages and logs name it.
    package var subject: String {
        let metadata = object?["metadata"]
        let known = [
            name, metadata?["name"]?.stringValue ?? "", metadata?["generateName"]?.stringValue.map { $0 + "*" } ?? "",
        ]
        let name = known.first { !$0.isEmpty } ?? "?"
        return
            "Pod \(VisibleText.of(namespace, bytes: Self.shownBytes))/\(VisibleText.of(name, bytes: Self.shownBytes))"
    }
}
