/// Limits of the custom resource definitions, by the field they bound.
enum ResourceLimits {
    static let hostnames = 16
    static let parentRefs = 32
    static let rules = 16
    static let matchesPerRule = 64
    static let matchesPerRoute = 128
    static let filters = 16
    static let backendRefs = 16
    static let valueMatches = 16
    static let headerChanges = 16
    static let listeners = 64
    static let certificateRefs = 64
    static let addresses = 16
    static let infrastructureLabels = 8
    static let infrastructureAnnotations = 16
    static let allowedKinds = 8
    static let grantEntries = 16
    static let pathLength = 1024
    static let queryValueLength = 1024
    static let weight: ClosedRange<Int64> = 0...1_000_000
    static let endpointsPerSlice = 1000
    static let portsPerSlice = 100
    /// Kubernetes bounds only the size of the object.
    static let servicePorts = 1_024
    /// Base64 characters of one value: a whole Secret may have 1 MiB of data.
    static let secretValueLength = 1_400_000
}
