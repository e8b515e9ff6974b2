package import GatewayAPI
internal import Kubernetes

/// What the API server is answered.
package struct AdmissionAnswer: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case untouched
        /// A JSON patch.
        case patched(Node)
        case denied(String)
    }

    package var verdict: Verdict
    /// Shown by kubectl to whoever made the request.
    package var warnings: [String] = []

    /// The API server cuts a warning that is longer, and drops what exceeds 4096 bytes in all.
    private static let longestWarning = 256
    private static let mostWarnings = 12
    private static let longestMessage = 4096

    package init(_ verdict: Verdict, warnings: [String] = []) {
        self.verdict = verdict
        self.warnings = warnings
    }

    /// The review that answers another, as JSON.
    package func body(for review: AdmissionReview) -> [UInt8] {
        var response = Node.mapping(["uid": .string(review.uid)])
        switch verdict {
        case .untouched:
            response.set("allowed", true)
        case .patched(let patch):
            response.set("allowed", true)
            response.set("patchType", "JSONPatch")
            response.set("patch", .string(Base64.encode(patch.json)))
        case .denied(let reason):
            response.set("allowed", false)
            response.set(
                "status",
                .mapping([
                    "code": 422, "message": .string(VisibleText.of(reason, bytes: Self.longestMessage)),
                    "reason": "Invalid",
                    "status": "Failure",
                ]))
        }
        if !warnings.isEmpty {
            let texts = warnings.prefix(Self.mostWarnings).map {
                Node.string(VisibleText.of($0, bytes: Self.longestWarning))
            }
            response.set("warnings", .sequence(texts))
        }
        return Node.mapping([
            "apiVersion": .string(review.apiVersion), "kind": "AdmissionReview", "response": response,
        ]).json
    }
}
