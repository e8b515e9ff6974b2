internal import GatewayAPI

/// Times (nanoseconds) and counts of reading a cluster.
package enum ClusterLimits {
    private static let second: UInt64 = 1_000_000_000

    /// Changes that come within this time of the first are told together, so that a storm compiles once.
    static let changeWindow: UInt64 = 20_000_000
    /// EndpointSlices of a Service that nobody has used for this long are not read any more.
    static let serviceIdleTime = 600 * second
    /// How often idle Services are looked for.
    static let idleInterval = 60 * second
    /// Each watch holds a connection: from more Services than this on, whole namespaces are watched, and from more
    /// namespaces on, the cluster. Below half of it, Services are watched one by one again.
    static let sliceWatches = 64
    /// Secrets watched; a Gateway has at most 64 listeners.
    static let secretWatches = 128
    /// How often the file with the labels of a sidecar's pod is read; the kubelet writes it anew within a minute of a
    /// change.
    package static let podLabelsInterval = 10 * second
    /// Far more than the labels of any pod.
    static let podLabelsBytes = 256 << 10
    /// Objects with problems that are reported.
    static let reportedObjects = 1_000
    /// Problems reported of one object.
    static let reportedProblems = 10
    /// Bytes kept of other namespaces' objects, EndpointSlices apart, and of their EndpointSlices: about what they take
    /// of memory.
    static let sidecarObjects = SharedRoom(total: 12 << 20, each: 6 << 20)
    static let sidecarEndpoints = SharedRoom(total: 8 << 20, each: 4 << 20)
    static let gatewayObjects = SharedRoom(total: 128 << 20, each: 64 << 20)
    static let gatewayEndpoints = SharedRoom(total: 64 << 20, each: 32 << 20)
    /// Between two times that objects which had no room are read again, since there may be room now.
    static let rereadInterval = 60 * second
    /// Bytes of an annotation of ours that are kept; none that means something is as long.
    static let annotationBytes = 1_024
    /// Different long strings kept for sharing.
    static let sharedStrings = 4_096
    /// How long a command waits for the cluster to be read.
    package static let loadTimeout = 30 * second
}
