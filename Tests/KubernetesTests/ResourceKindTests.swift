import GatewayAPI
import Kubernetes
import Testing

/// Every kind, with the defaults of the API server.
@Suite struct ResourceKindTests {
    @Test func gatewayClass() throws {
        let resource = try ManifestText.resource(
            "{apiVersion: gateway.networking.k8s.io/v1beta1, kind: GatewayClass, metadata: {name: weir}, spec: {controllerName: weir.dev/gateway-controller, description: x}}"
        )
        #expect(
            resource
                == .gatewayClass(
                    GatewayClass(
                        metadata: ObjectMeta(key: ObjectKey(namespace: "", name: "weir")),
                        controllerName: "weir.dev/gateway-controller")))
    }

    @Test func gatewayListenersAdmitTheirOwnNamespaceByDefault() throws {
        let text = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: infra, generation: 3}
            spec:
              gatewayClassName: weir
              listeners:
              - {name: http, port: 80, protocol: HTTP, hostname: "*.Example.com"}
              - name: all
                port: 8080
                protocol: HTTP
                hostname: ""
                allowedRoutes: {namespaces: {from: All}, kinds: [{kind: HTTPRoute}]}
              - name: some
                port: 8081
                protocol: HTTP
                allowedRoutes:
                  namespaces:
                    from: Selector
                    selector:
                      matchLabels: {team: pay}
                      matchExpressions: [{key: env, operator: NotIn, values: [dev]}, {key: on-call, operator: Exists}]
              - {name: tls, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
            """
        guard case .gateway(let gateway) = try ManifestText.resource(text) else { Issue.record("no Gateway"); return }
        #expect(gateway.metadata.generation == 3)
        #expect(gateway.listeners.map(\.hostname) == ["*.example.com", nil, nil, nil])
        #expect(gateway.listeners.map(\.defect) == [nil, nil, nil, nil])
        #expect(gateway.listeners[0].allowedNamespaces == .same)
        #expect(gateway.listeners[1].allowedNamespaces == .all)
        #expect(
            gateway.listeners[1].allowedKinds == [RouteGroupKind(group: "gateway.networking.k8s.io", kind: "HTTPRoute")]
        )
        #expect(
            gateway.listeners[2].allowedNamespaces
                == .selector(
                    LabelSelector(requirements: [
                        .isIn(key: "team", values: ["pay"]), .notIn(key: "env", values: ["dev"]),
                        .exists(key: "on-call"),
                    ])))
    }

    @Test func routeDefaultsAreTheAPIServers() throws {
        let (route, problems) = try ManifestText.route(
            "{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80}]}]}")
        #expect(problems == [])
        #expect(route.parentRefs == [ParentReference(name: "edge", isExplicit: false)])
        let rule = try #require(route.rules.first)
        #expect(rule.hasImpliedMatch && rule.matches == [HTTPRouteMatch()])
        #expect(rule.backendRefs == [BackendReference(name: "web", port: 80)])
        #expect(try ManifestText.route("{}").route.rules == [HTTPRouteRule(hasImpliedMatch: true)])
    }

    @Test func aRouteWithEverything() throws {
        let text = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: all, namespace: ana, creationTimestamp: 2024-02-29T12:30:15Z, labels: {a: b}, annotations: {c: d}}
            spec:
              hostnames: [shop.example.com, "*.shop.example.com"]
              parentRefs: [{group: "", kind: Service, name: web, port: 80, sectionName: http, namespace: x}]
              rules:
              - name: buy
                matches:
                - path: {type: Exact, value: /buy}
                  method: POST
                  headers: [{name: X-Team, value: a b}, {type: RegularExpression, name: x-n, value: "[0-9]+"}]
                  queryParams: [{name: Q, value: v}]
                - path: {value: /sell}
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {set: [{name: A, value: b}], add: [{name: C, value: d}], remove: [E]}
                - type: ResponseHeaderModifier
                  responseHeaderModifier: {remove: [Server]}
                - type: URLRewrite
                  urlRewrite: {hostname: other.example.com, path: {type: ReplaceFullPath, replaceFullPath: /x}}
                timeouts: {request: 1s, backendRequest: 500ms}
                backendRefs:
                - {name: a, port: 80, weight: 0, filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301, scheme: https, port: 8443}}]}
                - {group: gateway.kgateway.dev, kind: Backend, name: out, namespace: ext}
                - {group: delegation.kgateway.dev, kind: label, name: team, namespace: all}
            """
        guard case .httpRoute(let route) = try ManifestText.resource(text) else { Issue.record("no route"); return }
        #expect(route.metadata.creationTimestamp == 1_709_209_815)
        #expect(route.metadata.labels == ["a": "b"] && route.metadata.annotations == ["c": "d"])
        #expect(
            route.parentRefs == [
                ParentReference(group: "", kind: "Service", namespace: "x", name: "web", sectionName: "http", port: 80)
            ])
        let rule = try #require(route.rules.first)
        #expect(rule.defect == nil && !rule.hasImpliedMatch)
        #expect(
            rule.matches == [
                HTTPRouteMatch(
                    path: PathMatch(.exact, "/buy"),
                    headers: [
                        ValueMatch(name: "x-team", value: "a b"),
                        ValueMatch(name: "x-n", value: "[0-9]+", isRegularExpression: true),
                    ], queryParams: [ValueMatch(name: "Q", value: "v")], method: "POST"),
                HTTPRouteMatch(path: PathMatch(.prefix, "/sell")),
            ])
        #expect(
            rule.filters == [
                .requestHeaderModifier(
                    HeaderModifier(
                        set: [.init(name: "A", value: "b")], add: [.init(name: "C", value: "d")], remove: ["E"])),
                .responseHeaderModifier(HeaderModifier(remove: ["Server"])),
                .urlRewrite(URLRewrite(hostname: "other.example.com", path: .replaceFullPath("/x"))),
            ])
        #expect(rule.timeouts == HTTPRouteTimeouts(request: 1000, backendRequest: 500))
        #expect(
            rule.backendRefs == [
                BackendReference(
                    name: "a", port: 80, weight: 0,
                    filters: [.requestRedirect(RequestRedirect(scheme: "https", port: 8443, statusCode: 301))]),
                BackendReference(group: "gateway.kgateway.dev", kind: "Backend", namespace: "ext", name: "out"),
                BackendReference(group: "delegation.kgateway.dev", kind: "label", namespace: "all", name: "team"),
            ])
    }

    @Test func services() throws {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Service, metadata: {name: a, namespace: x}, spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, "fd00::1"], ports: [{port: 80, targetPort: http}, {name: dns, port: 53, protocol: UDP, appProtocol: dns}]}}
            - {apiVersion: v1, kind: Service, metadata: {name: b, namespace: x}, spec: {clusterIP: None, publishNotReadyAddresses: true, ports: []}}
            - {apiVersion: v1, kind: Service, metadata: {name: c, namespace: x}, spec: {type: ExternalName, externalName: example.com}}
            - {apiVersion: v1, kind: ConfigMap, metadata: {name: ignored}}
            """
        let manifest = try ManifestText.parse(text)
        #expect(manifest.problems == [])
        let services = manifest.objects.compactMap { object -> Service? in
            if case .service(let service)? = object.resource { service } else { nil }
        }
        #expect(services.map(\.type) == ["ClusterIP", "ClusterIP", "ExternalName"])
        #expect(services[0].clusterIPs.map(\.description) == ["10.0.0.1", "fd00::1"])
        #expect(
            services[0].ports == [
                .init(port: 80).targeting(nil), .init(name: "dns", port: 53, transport: "UDP", appProtocol: "dns"),
            ])
        #expect(services[1].isHeadless && services[1].publishNotReadyAddresses && services[1].clusterIPs.isEmpty)
    }

    @Test func endpointsWithoutConditionsAreReady() throws {
        let text = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: s, namespace: x, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            ports: [{name: "", port: 8080, protocol: TCP}, {name: any}]
            endpoints:
            - {addresses: [127.0.0.1, 127.0.0.9], nodeName: node1, zone: zone1, targetRef: {kind: Pod, name: p, namespace: x}}
            - {addresses: [10.0.0.2], conditions: {ready: false, serving: true, terminating: true}, hints: {forZones: []}}
            """
        guard case .endpointSlice(let slice) = try ManifestText.resource(text) else { Issue.record("no slice"); return }
        #expect(slice.serviceName == "web")
        #expect(slice.ports == [.init(port: 8080), .init(name: "any", port: nil)])
        #expect(
            slice.endpoints == [
                .init(
                    address: IPAddress(ipv4: 0x7f00_0001), pod: ObjectKey(namespace: "x", name: "p"), nodeName: "node1",
                    zone: "zone1"),
                .init(address: IPAddress(ipv4: 0x0a00_0002), ready: false, serving: true, terminating: true),
            ])
    }

    @Test func aSliceOfNamesHasNoEndpointsAndABadAddressLosesOnlyItsEndpoint() throws {
        let names = try ManifestText.parse(
            "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: FQDN, endpoints: [{addresses: [a.b]}]}"
        )
        #expect(names.problems.map(\.severity) == [.error])
        let mixed = try ManifestText.parse(
            "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv6, endpoints: [{addresses: [10.0.0.1]}, {addresses: [\"fd00::2\"]}]}"
        )
        guard case .endpointSlice(let slice)? = mixed.objects.first?.resource else { Issue.record("no slice"); return }
        #expect(slice.endpoints.map(\.address.description) == ["fd00::2"])
        #expect(mixed.problems.map(\.message) == ["must be an IPv6 address; this endpoint is not used"])
    }

    @Test func namespacesGrantsAndBackends() throws {
        let text = """
            {apiVersion: v1, kind: Namespace, metadata: {name: pay, labels: {team: pay}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: g, namespace: pay}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ana}]
              to: [{group: "", kind: Service}, {group: "", kind: Service, name: web}]
            ---
            apiVersion: gateway.kgateway.dev/v1alpha1
            kind: Backend
            metadata: {name: out, namespace: pay}
            spec: {static: {hosts: [{host: API.example.com, port: 443}, {host: 192.0.2.1, port: 80}], appProtocol: http2}}
            ---
            {apiVersion: gateway.kgateway.dev/v1alpha1, kind: Backend, metadata: {name: fn}, spec: {type: AWS, aws: {region: x}}}
            """
        let manifest = try ManifestText.parse(text)
        let resources = manifest.objects.compactMap(\.resource)
        #expect(resources.count == 4)
        guard case .namespace(let namespace) = resources[0], case .referenceGrant(let grant) = resources[1],
            case .backend(let out) = resources[2], case .backend(let function) = resources[3]
        else { Issue.record("wrong kinds"); return }
        #expect(namespace.metadata.labels == ["team": "pay"])
        #expect(grant.from == [.init(group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "ana")])
        #expect(grant.to == [.init(group: "", kind: "Service"), .init(group: "", kind: "Service", name: "web")])
        #expect(out.hosts == [.init(host: "api.example.com", port: 443), .init(host: "192.0.2.1", port: 80)])
        #expect(out.defect == nil && function.defect != nil && function.metadata.key.namespace == "default")
        #expect(manifest.problems.map(\.severity) == [.error])
    }

    @Test func itemsOfATypedListNeedNoKind() throws {
        let manifest = try ManifestText.parse(
            "{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: a}, spec: {ports: []}}, {metadata: {name: b}, spec: {}}]}"
        )
        #expect(manifest.objects.map(\.id.key.name) == ["a", "b"])
        #expect(manifest.problems == [])
    }
}

extension Service.Port {
    fileprivate func targeting(_ port: UInt16?) -> Service.Port {
        var copy = self
        copy.targetPort = port
        return copy
    }
}
