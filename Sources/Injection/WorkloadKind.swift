internal import GatewayAPI

/// The kinds that make pods, and where in them the pod is.
enum WorkloadKind {
    /// nil when the object makes no pods. An empty path is a Pod itself.
    static func podTemplatePath(of object: Node) -> [String]? {
        let group = object["apiVersion"]?.stringValue?.split(separator: "/").dropLast().joined(separator: "/")
        switch (group ?? "", object["kind"]?.stringValue) {
        case ("", "Pod"): return []
        case ("", "PodTemplate"): return ["template"]
        case ("", "ReplicationController"): return ["spec", "template"]
        case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("apps", "ReplicaSet"),
            ("batch", "Job"), ("argoproj.io", "Rollout"):
            return ["spec", "template"]
        case ("batch", "CronJob"): return ["spec", "jobTemplate", "spec", "template"]
        default: return nil
        }
    }
}
