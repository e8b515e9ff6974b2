/// How much one pod may ask of whoever injects it. The webhook answers for every pod of the cluster, whatever its
/// author wrote.
package enum InjectionLimits {
    /// Problems of one pod that are told; the rest is counted.
    package static let problems = 20
    /// Unknown names for which a near one is looked for.
    static let advisedNames = 5
    /// Bytes of a name or value in a message.
    static let shownBytes = 80
    /// Bytes of the value of one of our annotations.
    static let annotationBytes = 4096
    /// Bytes of all annotations of a pod, names included: the API server takes no more.
    static let allAnnotationsBytes = 256 << 10
}
