import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

@Suite struct GatewayDeploymentTests {
    private func object(_ objects: [ManagedObject], _ kind: APIKind) throws -> Node {
        try #require(objects.first { $0.id.kind == kind }).content
    }

    @Test func aGatewayIsADeploymentAServiceAndAnAccount() throws {
        let objects = Gateways.objects(try Gateways.plain())
        #expect(
            objects.map(\.id.description) == [
                "ServiceAccount ana/web-weir", "Service ana/web-weir", "Deployment ana/web-weir",
            ])
        for object in objects {
            let metadata = try #require(object.content["metadata"])
            #expect(metadata.at("labels")?["gateway.networking.k8s.io/gateway-name"] == "web")
            #expect(metadata.at("labels")?["gateway.networking.k8s.io/gateway-class-name"] == "weir")
            #expect(metadata.at("labels")?["app.kubernetes.io/managed-by"] == "weir-controller")
            #expect(metadata.at("ownerReferences.0.uid") == "u-1")
            #expect(metadata.at("ownerReferences.0.controller") == true)
            #expect(metadata.at("ownerReferences.0.blockOwnerDeletion") == true)
        }
    }

    @Test func thePodPassesTheRestrictedLevelAndRunsTheGateway() throws {
        let deployment = try object(Gateways.objects(try Gateways.plain()), ManagedKinds.deployment)
        let pod = try #require(deployment.at("spec.template.spec"))
        let container = try #require(pod.at("containers.0"))
        #expect(container["args"]?.texts.prefix(4) == ["gateway", "--kubernetes", "--gateway", "ana/web"])
        #expect(container["image"] == "weir:1")
        #expect(pod.at("securityContext.runAsUser") == 1337)
        #expect(pod.at("securityContext.runAsNonRoot") == true)
        #expect(pod.at("securityContext.seccompProfile.type") == "RuntimeDefault")
        #expect(pod.at("securityContext.sysctls.0.name") == "net.ipv4.ip_unprivileged_port_start")
        #expect(container.at("securityContext.allowPrivilegeEscalation") == false)
        #expect(container.at("securityContext.capabilities.drop")?.texts == ["ALL"])
        for (probe, path) in [
            ("startupProbe", "/healthz/live"), ("livenessProbe", "/healthz/live"), ("readinessProbe", "/healthz/ready"),
        ] {
            #expect(container.at("\(probe).httpGet.port") == 15020)
            #expect(container.at("\(probe).httpGet.path") == .string(path))
        }
        #expect(deployment.at("spec.replicas") == nil, "kubectl scale and autoscalers decide")
        let labels = try #require(deployment.at("spec.template.metadata.labels"))
        for entry in deployment.at("spec.selector.matchLabels")?.members ?? [] {
            #expect(labels[entry.key] == entry.value)
        }
        #expect(labels["weir.dev/inject"] == "disabled")
        #expect(labels["weir.dev/proxy"] == "gateway", "monitoring finds the pods by it")
        #expect(deployment.at("spec.selector.matchLabels")?["weir.dev/proxy"] == nil, "a selector cannot change")
    }

    @Test func thePodOutlivesItsDrain() throws {
        let (parameters, problems) = try Gateways.parameters("drainTimeout: 90s")
        #expect(problems == [])
        let objects = Gateways.objects(try Gateways.plain(), parameters: parameters)
        let deployment = try object(objects, ManagedKinds.deployment)
        #expect(deployment.at("spec.template.spec.terminationGracePeriodSeconds") == 105)
        #expect(deployment.at("spec.template.spec.containers.0.args")?.texts.suffix(2) == ["--drain-timeout", "1m30s"])
        #expect(
            deployment.at("spec.template.spec.containers.0.lifecycle.preStop.exec.command")?.texts == [
                "weir", "drain", "--wait", "5s",
            ])
    }

    @Test func theServiceHasOnePortForEachListenerPort() throws {
        let gateway = try Gateways.request(
            """
            {gatewayClassName: weir, listeners: [
              {name: a, port: 80, protocol: HTTP, hostname: a.example}, {name: b, port: 80, protocol: HTTP},
              {name: c, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}, {name: d, port: 53, protocol: UDP}]}
            """)
        let service = try object(Gateways.objects(gateway), ManagedKinds.service)
        let ports = service.at("spec.ports")?.elements ?? []
        #expect(ports.map { $0["name"] } == ["http-80", "https-443"])
        #expect(ports.map { $0["port"] } == [80, 443])
        #expect(ports.map { $0["targetPort"] } == [80, 443])
        #expect(ports.allSatisfy { $0["nodePort"] == nil })
        #expect(service.at("spec.type") == "LoadBalancer")
    }

    /// What a Gateway's author writes stays in its namespace, and says nothing of how confined the pods are.
    @Test func usersNamesReachNeitherOtherNamespacesNorWhatIsNotTheirs() throws {
        let gateway = try Gateways.request(
            """
            {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}],
             infrastructure: {labels: {team: a, weir.dev/proxy: sidecar, argocd.argoproj.io/instance: x},
                              annotations: {key: value, weir.dev/status: injected, weir.dev/applied-hash: x,
                                            container.apparmor.security.beta.kubernetes.io/weir-proxy: unconfined}}}
            """)
        let objects = Gateways.objects(gateway, certificates: [ObjectKey(namespace: "vault", name: "shop")])
        let foreign = objects.filter { $0.id.key.namespace == "vault" }
        #expect(foreign.count == 2)
        for content in foreign.map(\.content) {
            #expect(content.at("metadata.labels.team") == nil)
            #expect(content.at("metadata.labels")?["argocd.argoproj.io/instance"] == nil)
            #expect(content.at("metadata.annotations.key") == nil)
            #expect(content.at("metadata.annotations")?["weir.dev/gateway"] == "ana/web")
        }
        let pod = try #require(try object(objects, ManagedKinds.deployment).at("spec.template"))
        #expect(pod.at("metadata.annotations.key") == "value")
        #expect(pod.at("metadata.labels")?["weir.dev/proxy"] == "gateway")
        let names = pod.at("metadata.annotations")?.members.map(\.key) ?? []
        #expect(!names.contains { $0.hasPrefix("weir.dev/") || $0.hasPrefix("container.apparmor") })
    }

    @Test func aListenerMoreDoesNotReplaceThePods() throws {
        let one = Gateways.objects(try Gateways.plain())
        let two = Gateways.objects(
            try Gateways.request(
                "{gatewayClassName: weir, listeners: [{name: a, port: 80, protocol: HTTP}, {name: b, port: 81, protocol: HTTP}]}"
            ))
        #expect(try object(one, ManagedKinds.deployment) == (try object(two, ManagedKinds.deployment)))
        #expect(try object(one, ManagedKinds.service) != (try object(two, ManagedKinds.service)))
    }

    @Test func infrastructureGoesOnEverythingAndNeverOverOurs() throws {
        let gateway = try Gateways.request(
            """
            {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}],
             infrastructure: {labels: {team: a, gateway.networking.k8s.io/gateway-name: other, weir.dev/inject: enabled},
                              annotations: {key: value, weir.dev/gateway: x/y}}}
            """)
        let objects = Gateways.objects(gateway)
        let pod = try #require(try object(objects, ManagedKinds.deployment).at("spec.template"))
        for content in objects.map(\.content) + [pod] {
            #expect(content.at("metadata.labels.team") == "a")
            #expect(content.at("metadata.annotations.key") == "value")
            #expect(content.at("metadata.labels")?["gateway.networking.k8s.io/gateway-name"] == "web")
        }
        #expect(objects.allSatisfy { $0.content.at("metadata.annotations")?["weir.dev/gateway"] == "ana/web" })
        #expect(pod.at("metadata.labels")?["weir.dev/inject"] == "disabled")
    }

    @Test func certificatesAreReadableByNameAndInTheirNamespaceOnly() throws {
        let gateway = try Gateways.plain()
        let objects = Gateways.objects(
            gateway,
            certificates: [
                ObjectKey(namespace: "ana", name: "b"), ObjectKey(namespace: "ana", name: "a"),
                ObjectKey(namespace: "certs", name: "c"),
            ])
        let roles = objects.filter { $0.id.kind == ManagedKinds.role }
        #expect(roles.map(\.id.key.namespace) == ["ana", "certs"])
        #expect(roles[0].content.at("rules.0.resourceNames")?.texts == ["a", "b"])
        #expect(roles[0].content.at("rules.0.resources")?.texts == ["secrets"])
        #expect(roles[0].content.at("metadata.ownerReferences") != nil)
        #expect(roles[1].content.at("metadata.ownerReferences") == nil, "owners are in the same namespace")
        let binding = try #require(objects.last { $0.id.kind == ManagedKinds.roleBinding }).content
        #expect(binding.at("subjects.0.namespace") == "ana")
        #expect(binding.at("subjects.0.name") == "web-weir")
        #expect(binding.at("roleRef.name") == .string(roles[1].id.key.name))
        #expect(roles[1].id.key.name != "web-weir", "Gateways of other namespaces may have the same name")
    }

    @Test func otherNamespacesCertificatesNeedAGrant() throws {
        let gateway = try Gateways.request(
            """
            {gatewayClassName: weir, listeners: [{name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [
              {name: own}, {name: granted, namespace: certs}, {name: other, namespace: certs},
              {name: elsewhere, namespace: bank}]}}]}
            """)
        let grant = ReferenceGrant(
            metadata: ObjectMeta(key: ObjectKey(namespace: "certs", name: "g")),
            from: [.init(group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "ana")],
            to: [.init(group: "", kind: "Secret", name: "granted")])
        var foreign = grant
        foreign.from = [.init(group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "bob")]
        foreign.to = [.init(group: "", kind: "Secret", name: nil)]
        #expect(
            gateway.permittedCertificates([grant, foreign]) == [
                ObjectKey(namespace: "ana", name: "own"), ObjectKey(namespace: "certs", name: "granted"),
            ])
        #expect(gateway.permittedCertificates([]) == [ObjectKey(namespace: "ana", name: "own")])
    }

    @Test func parametersChooseTheShape() throws {
        let (parameters, problems) = try Gateways.parameters(
            """
            kind: DaemonSet
            serviceType: NodePort
            externalTrafficPolicy: Local
            minAvailable: 50%
            image: registry.example/weir:2
            workers: "4"
            nodeSelector: "{edge: 'true'}"
            tolerations: "[{key: edge, operator: Exists}]"
            """)
        #expect(problems == [])
        let objects = Gateways.objects(try Gateways.plain(), parameters: parameters)
        #expect(!objects.contains { $0.id.kind == ManagedKinds.deployment })
        let daemons = try object(objects, ManagedKinds.daemonSet)
        #expect(daemons.at("spec.template.spec.containers.0.image") == "registry.example/weir:2")
        #expect(daemons.at("spec.template.spec.nodeSelector.edge") == "true")
        #expect(daemons.at("spec.template.spec.tolerations.0.key") == "edge")
        #expect(try object(objects, ManagedKinds.service).at("spec.externalTrafficPolicy") == "Local")
        #expect(try object(objects, ManagedKinds.disruptionBudget).at("spec.minAvailable") == "50%")
    }

    @Test func anAutoscalerDecidesTheReplicas() throws {
        let (parameters, problems) = try Gateways.parameters("autoscaling: '{maxReplicas: 5, minReplicas: 2}'")
        #expect(problems == [])
        let objects = Gateways.objects(try Gateways.plain(), parameters: parameters)
        let autoscaler = try object(objects, ManagedKinds.autoscaler)
        #expect(autoscaler.at("spec.scaleTargetRef.name") == "web-weir")
        #expect(autoscaler.at("spec.maxReplicas") == 5)
        #expect(try object(objects, ManagedKinds.deployment).at("spec.replicas") == nil)
    }

    @Test func aLoadBalancerIsAskedForTheAddress() throws {
        let gateway = try Gateways.request(
            """
            {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}],
             addresses: [{value: 192.0.2.7}]}
            """)
        #expect(try object(Gateways.objects(gateway), ManagedKinds.service).at("spec.loadBalancerIP") == "192.0.2.7")
    }
}

@Suite struct GeneratedNameTests {
    @Test(arguments: [
        ("web", "weir", "web-weir"),
        ("a" + String(repeating: "b", count: 57), "weir", "a" + String(repeating: "b", count: 57) + "-weir"),
    ])
    func shortNamesStayAsTheyAre(_ gateway: String, _ className: String, _ name: String) {
        #expect(GeneratedName.object(gateway: gateway, className: className) == name)
    }

    @Test(arguments: [
        String(repeating: "a", count: 253), "web.example.com", "1st", "a" + String(repeating: "-", count: 70) + "b",
    ])
    func othersAreShortenedIntoServiceNames(_ gateway: String) throws {
        let name = GeneratedName.object(gateway: gateway, className: "weir")
        #expect(name.utf8.count <= 63)
        #expect(ResourceName.isLabel(name))
        #expect(try #require(name.first).isLetter)
        #expect(name != GeneratedName.object(gateway: gateway + "x", className: "weir"))
    }

    @Test func labelsOfLongNamesFit() {
        let long = String(repeating: "a", count: 253)
        #expect(GeneratedName.labelValue(long).utf8.count == 63)
        #expect(GeneratedName.labelValue("web.example.com") == "web.example.com")
    }
}
