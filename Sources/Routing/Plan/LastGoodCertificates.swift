package import GatewayAPI

/// What a gateway's listeners go on serving with while the Secrets that they refer to are missing or bad, as during a
/// re-issue.
///
/// A plan remembers nothing; this is what it is told of the past. It holds the last good state of each Secret that
/// listeners refer to and may, for as long as they do: a private key is kept no longer than somebody asks for it and is
/// let.
package struct LastGoodCertificates: Sendable {
    private var secrets: [ObjectKey: Secret] = [:]

    package init() {}

    /// nil where the Secret has never been good, or has not been referred to all the time since.
    package subscript(secret: ObjectKey) -> Secret? { secrets[secret] }

    /// Takes note of the present.
    ///
    /// - Parameter wanted: `RoutePlan.wantedSecrets` of the plan that these resources have led to.
    package mutating func note(_ wanted: Set<ObjectKey>, in resources: ResourceSet) {
        secrets = wanted.reduce(into: [:]) { kept, key in
            kept[key] = resources.secrets[key].flatMap { $0.defect == nil ? $0 : nil } ?? secrets[key]
        }
    }
}
