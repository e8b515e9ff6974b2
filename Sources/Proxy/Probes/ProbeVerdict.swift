/// What a probe that was made for the kubelet has found.
struct ProbeVerdict: Hashable, Sendable {
    /// 200 to 399 is healthy to the kubelet; of redirects it must see none, since it would follow them to this port.
    var status: Int
    /// One line, shown in the pod's events.
    var text: String

    static let healthy = ProbeVerdict(status: 200, text: "healthy")

    static func unhealthy(_ text: String) -> ProbeVerdict { ProbeVerdict(status: 503, text: text) }
}
