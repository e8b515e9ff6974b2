/// How a server speaks: what differs between releases of the last years, and between a cluster's own server and others
/// that speak its protocol.
package struct ServerProfile: Sendable {
    package enum Expiry: Sendable {
        /// An ERROR event with 410 in a stream that was begun with 200, as the watch cache does it.
        case event
        /// 410 instead of the stream, as it is where the watch cache is off, and behind aggregation.
        case status
    }

    package enum StreamedLists: Sendable {
        case served
        /// 422, while the feature's gate is closed.
        case invalid
        /// 400, as of a parameter that makes no sense.
        case badRequest
        /// An unknown parameter is passed over: the watch begins from its version.
        case ignored
    }

    package var name: String
    /// As `/version` says it.
    package var minor: Int
    package var expiry = Expiry.event
    package var streamedLists = StreamedLists.served
    package var hasBookmarks = true
    package var hasPages = true
    /// Refusals are `Status` objects; else plain text, as proxies and overloaded servers write it.
    package var hasStatusBodies = true
    /// The first requests for lists and watches are refused with 429 and `Retry-After: 1`: the watch cache is being
    /// filled.
    package var initialRefusals = 0
    /// Seconds after which a watch ends at the latest, whatever was asked for.
    package var longestWatch: Double?
    /// Which versions of kinds are served, by resource; none: the kind is not.
    package var versions: [String: [String]] = [:]
}

extension ServerProfile {
    private static func gatewayAPI(
        classes: [String], routes: [String], grants: [String], backends: Bool = true
    ) -> [String: [String]] {
        let group = "gateway.networking.k8s.io"
        var versions = [
            "gatewayclasses.\(group)": classes, "gateways.\(group)": classes, "httproutes.\(group)": routes,
            "referencegrants.\(group)": grants,
        ]
        if !backends { versions["backends.gateway.kgateway.dev"] = [] }
        return versions
    }

    /// From 2023 on, oldest first, with the Gateway API that was current then.
    package static let all: [ServerProfile] = [
        ServerProfile(
            name: "1.28, Gateway API 0.8", minor: 28, expiry: .status, streamedLists: .invalid,
            versions: gatewayAPI(classes: ["v1beta1"], routes: ["v1beta1"], grants: ["v1beta1"], backends: false)),
        ServerProfile(
            name: "1.29, Gateway API 1.0", minor: 29, streamedLists: .invalid,
            versions: gatewayAPI(classes: ["v1", "v1beta1"], routes: ["v1beta1"], grants: ["v1beta1", "v1alpha2"])),
        ServerProfile(
            name: "1.30", minor: 30, streamedLists: .badRequest,
            versions: gatewayAPI(classes: ["v1", "v1beta1"], routes: ["v1", "v1beta1"], grants: ["v1beta1"])),
        ServerProfile(
            name: "1.31, its watch cache being filled", minor: 31, streamedLists: .invalid, initialRefusals: 4,
            versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1beta1"])),
        ServerProfile(
            name: "1.32", minor: 32, versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1beta1"])),
        ServerProfile(
            name: "1.33, without streamed lists again", minor: 33, streamedLists: .invalid, longestWatch: 0.3,
            versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1beta1"])),
        ServerProfile(
            name: "1.34", minor: 34, versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1beta1"])),
        ServerProfile(
            name: "1.35", minor: 35, initialRefusals: 2,
            versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1", "v1beta1"])),
        ServerProfile(
            name: "1.36, nothing but v1", minor: 36,
            versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1"])),
        ServerProfile(
            name: "behind aggregation", minor: 30, expiry: .status, streamedLists: .ignored, hasBookmarks: false,
            hasPages: false, hasStatusBodies: false, initialRefusals: 1, longestWatch: 0.5,
            versions: gatewayAPI(classes: ["v1"], routes: ["v1"], grants: ["v1beta1"], backends: false)),
    ]
}
