/// How the proxy runs in a pod.
package enum SidecarMode: String, Hashable, Sendable, CaseIterable {
    /// An init container with `restartPolicy: Always` (Kubernetes 1.29 and later): it starts before the workload's own
    /// containers and is ended after them, and a Job does not wait for it.
    case native
    /// An ordinary container, for clusters without native sidecars.
    case container
}
