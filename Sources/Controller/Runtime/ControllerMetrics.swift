internal import Reactor
internal import Telemetry

/// The controller's metrics, written when they are asked for.
package struct ControllerMetrics {
    /// What a controller of a cluster counts.
    package struct Cluster {
        var isHealthy: Bool
        var problems: Int
        var plans: PlanCounters
        var provisioning: Provisioner.Counters
        var provisioningDepth: Int
        var statuses: StatusWriter.Counters
        var statusDepth: Int
        var watches: Int
    }

    var version: String
    var isReady: Bool
    var isLeader: Bool
    /// nil for a folder of manifests.
    var cluster: Cluster?
    /// nil for a cluster.
    var folder: (isHealthy: Bool, problems: Int)?
    /// nil where nothing is served.
    var served: Served?

    struct Served {
        var counters: ServedAPICounters
        var objects: Int
    }

    func render() -> [UInt8] {
        var writer = ExpositionWriter()
        writer.family("weir_build_info", "gauge", "Always 1; the version is a label.")
        writer.sample("weir_build_info")
        writer.label("version", version)
        writer.value(1)
        gauge(&writer, "weir_ready", "1 when the readiness check answers 200.", isReady ? 1 : 0)
        gauge(&writer, "weir_controller_leader", "1 while this controller leads.", isLeader ? 1 : 0)
        if let cluster { render(cluster, &writer) }
        if let folder {
            gauge(&writer, "weir_source_healthy", "1 when the folder can be read.", folder.isHealthy ? 1 : 0)
            gauge(&writer, "weir_source_problems", "Problems of resources.", UInt64(folder.problems))
        }
        if let served { render(served, &writer) }
        return writer.bytes
    }

    private func render(_ cluster: Cluster, _ writer: inout ExpositionWriter) {
        gauge(&writer, "weir_source_healthy", "1 when no watch is interrupted.", cluster.isHealthy ? 1 : 0)
        gauge(&writer, "weir_source_problems", "Problems of resources.", UInt64(cluster.problems))
        gauge(&writer, "weir_controller_watches", "Watches at the API server.", UInt64(cluster.watches))
        counter(&writer, "weir_controller_plans_total", "Plans of all resources.", cluster.plans.count)
        writer.family("weir_controller_plan_seconds", "gauge", "Time that the last plan took.")
        writer.sample("weir_controller_plan_seconds")
        writer.seconds(nanoseconds: cluster.plans.lastDuration)
        writer.family(
            "weir_controller_plan_running_seconds", "gauge", "Time that the plan under way has taken; 0 when none is.")
        writer.sample("weir_controller_plan_running_seconds")
        writer.seconds(nanoseconds: cluster.plans.running(now: Clock.now()))
        let provisioning = cluster.provisioning
        counter(
            &writer, "weir_controller_objects_applied_total", "Objects of gateways written.", provisioning.applied)
        counter(
            &writer, "weir_controller_objects_deleted_total", "Objects of gateways deleted.", provisioning.deleted)
        counter(
            &writer, "weir_controller_object_errors_total", "Objects of gateways that could not be written or deleted.",
            provisioning.errors)
        gauge(
            &writer, "weir_controller_object_queue_depth", "Objects of gateways to be looked at.",
            UInt64(cluster.provisioningDepth))
        counter(&writer, "weir_controller_status_writes_total", "Statuses written.", cluster.statuses.written)
        counter(
            &writer, "weir_controller_status_conflicts_total", "Statuses that somebody else wrote at the same time.",
            cluster.statuses.conflicts)
        counter(
            &writer, "weir_controller_status_errors_total", "Statuses that could not be written.",
            cluster.statuses.refused &+ cluster.statuses.failed)
        gauge(
            &writer, "weir_controller_status_queue_depth", "Statuses to be looked at.", UInt64(cluster.statusDepth))
    }

    private func render(_ served: Served, _ writer: inout ExpositionWriter) {
        let counters = served.counters
        gauge(&writer, "weir_controller_served_objects", "Objects the served API has.", UInt64(served.objects))
        gauge(&writer, "weir_controller_served_watches", "Watches of the served API.", UInt64(counters.watchers))
        counter(&writer, "weir_controller_served_lists_total", "Lists answered.", counters.lists)
        counter(&writer, "weir_controller_served_events_total", "Events sent to watchers.", counters.eventsSent)
        counter(
            &writer, "weir_controller_served_expired_total", "Watchers that had to list again.",
            counters.watchersExpired &+ counters.goneAnswers)
        counter(
            &writer, "weir_controller_served_refused_total", "Requests refused for want of credentials.",
            counters.refused)
    }

    private func gauge(_ writer: inout ExpositionWriter, _ name: StaticString, _ help: StaticString, _ value: UInt64) {
        writer.family(name, "gauge", help)
        writer.sample(name)
        writer.value(value)
    }

    private func counter(
        _ writer: inout ExpositionWriter, _ name: StaticString, _ help: StaticString, _ value: UInt64
    ) {
        writer.family(name, "counter", help)
        writer.sample(name)
        writer.value(value)
    }
}
