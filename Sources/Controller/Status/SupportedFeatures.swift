/// What `status.supportedFeatures` of our GatewayClasses says: names of Gateway API features, ascending, as the list
/// has to be.
///
/// Conformance suites choose their tests by it, so a feature is here when its whole behaviour is, HTTP/2 included where
/// the feature's definition asks for it.
enum SupportedFeatures {
    static let names = [
        "Gateway", "GatewayAddressEmpty", "GatewayHTTPListenerIsolation", "GatewayInfrastructurePropagation",
        "GatewayPort8080", "GatewayStaticAddresses", "HTTPRoute", "HTTPRoute303RedirectStatusCode",
        "HTTPRoute307RedirectStatusCode",
        "HTTPRoute308RedirectStatusCode", "HTTPRouteBackendProtocolWebSocket",
        "HTTPRouteBackendRequestHeaderModification", "HTTPRouteBackendRequestRedirect", "HTTPRouteBackendTimeout",
        "HTTPRouteBackendURLRewrite", "HTTPRouteDestinationPortMatching", "HTTPRouteHostRewrite",
        "HTTPRouteMethodMatching", "HTTPRouteNamedRouteRule",
        "HTTPRouteParentRefPort", "HTTPRoutePathRedirect", "HTTPRoutePathRewrite", "HTTPRoutePortRedirect",
        "HTTPRouteQueryParamMatching", "HTTPRouteRequestTimeout", "HTTPRouteResponseHeaderModification",
        "HTTPRouteSchemeRedirect", "ReferenceGrant",
    ]
}
