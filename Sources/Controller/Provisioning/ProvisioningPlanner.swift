package import GatewayAPI
internal import Routing

/// Decides what is wanted for every Gateway of our classes. Pure.
package struct ProvisioningPlanner {
    package struct Result: Sendable {
        package var plans: [ObjectKey: ProvisioningPlan] = [:]
        /// The names of what is provisioned, by Gateway.
        package var names: [ObjectKey: String] = [:]
        /// Why a Gateway's own parameters cannot be used.
        package var parametersDefects: [ObjectKey: String] = [:]
        /// Why a GatewayClass's parameters cannot be used.
        package var classDefects: [String: String] = [:]
        /// Those that hold parameters, to be watched.
        package var configMaps: Set<ObjectKey> = []
        /// Secrets that HTTPS listeners name and may, to be watched.
        package var certificates: Set<ObjectKey> = []
    }

    private let resources: ResourceSet
    private let objects: [ObjectKey: Node]
    private let settings: ProvisioningSettings
    private let configMap: (ObjectKey) -> NamedObjectState
    private let secret: (ObjectKey) -> NamedObjectState
    private var result = Result()
    /// What ConfigMaps come to: many Gateways may name one.
    private var parametersRead: [ParametersUse: (parameters: GatewayParameters?, defect: String?)] = [:]

    private struct ParametersUse: Hashable {
        var configMap: ObjectKey
        var owner: GatewayParameters.Owner
        /// What they override.
        var base: GatewayParameters
    }

    /// - Parameters:
    ///   - objects: every Gateway there is, as the API server gave it; also those that could not be read.
    ///   - configMap: what is known of one.
    ///   - secret: what is known of one; `resources` have those that can be read.
    package static func plan(
        _ resources: ResourceSet, objects: [ObjectKey: Node], settings: ProvisioningSettings,
        configMap: @escaping (ObjectKey) -> NamedObjectState, secret: @escaping (ObjectKey) -> NamedObjectState
    ) -> Result {
        var planner = ProvisioningPlanner(resources, objects, settings, configMap, secret)
        planner.run()
        return planner.result
    }

    private init(
        _ resources: ResourceSet, _ objects: [ObjectKey: Node], _ settings: ProvisioningSettings,
        _ configMap: @escaping (ObjectKey) -> NamedObjectState, _ secret: @escaping (ObjectKey) -> NamedObjectState
    ) {
        self.secret = secret
        self.resources = resources
        self.objects = objects
        self.settings = settings
        self.configMap = configMap
    }

    private mutating func run() {
        let classes = resources.gatewayClasses.values.filter {
            $0.controllerName == RoutePlanner.gatewayController
        }
        let defaults = Dictionary(
            uniqueKeysWithValues: classes.map { ($0.metadata.key.name, classParameters($0)) })
        for (key, object) in objects {
            result.plans[key] = plan(key, object, defaults)
        }
    }

    /// No objects for a Gateway that is another controller's. What is unclear is held: taking a running gateway down
    /// because its class was deleted, or because a new version of it cannot be read, would help nobody. So is what
    /// serves a Gateway that is being deleted: its objects go once it has gone, and those that the cluster takes away
    /// before must not come back.
    private mutating func plan(
        _ key: ObjectKey, _ object: Node, _ defaults: [String: GatewayParameters?]
    ) -> ProvisioningPlan {
        guard let gateway = resources.gateways[key] else { return .hold }
        guard let gatewayClass = resources.gatewayClasses[gateway.gatewayClassName] else { return .hold }
        guard gatewayClass.controllerName == RoutePlanner.gatewayController else { return .objects([]) }
        guard let request = GatewayRequest(gateway, object: object) else { return .hold }
        result.names[key] = GatewayDeployment.name(of: request)
        if object["metadata"]?["deletionTimestamp"]?.stringValue != nil { return .hold }
        let isAddressable = gateway.addresses.allSatisfy { $0.type == GatewayAddress.ipAddress }
        guard let base = defaults[gateway.gatewayClassName] ?? nil, let parameters = parameters(of: gateway, base),
            isAddressable, !request.ports.isEmpty, let certificates = certificates(of: request)
        else { return .hold }
        return .objects(
            GatewayDeployment.desired(
                request, certificates: certificates, parameters: parameters, settings: settings))
    }

    /// Those that its pods may read; nil until all of them have been looked for, so that no right is taken away by a
    /// controller that has only just begun to look.
    private mutating func certificates(of request: GatewayRequest) -> Set<ObjectKey>? {
        let named = request.permittedCertificates(resources.referenceGrants.values)
        result.certificates.formUnion(named)
        var granted: Set<ObjectKey> = []
        for key in named {
            switch CertificateRight(key, secret: resources.secrets[key], state: secret(key), of: request.key) {
            case .granted: granted.insert(key)
            case .denied: break
            case .unclear: return nil
            }
        }
        return granted
    }

    /// nil when there are none that can be used.
    private mutating func classParameters(_ gatewayClass: GatewayClass) -> GatewayParameters? {
        let parameters = GatewayParameters()
        guard let reference = gatewayClass.parametersRef else { return parameters }
        guard reference.isConfigMap, let namespace = reference.namespace else { return nil }
        let (read, defect) = read(
            ObjectKey(namespace: namespace, name: reference.name), of: .gatewayClass, over: parameters)
        if let defect { result.classDefects[gatewayClass.metadata.key.name] = defect }
        return read
    }

    private mutating func parameters(of gateway: Gateway, _ base: GatewayParameters) -> GatewayParameters? {
        guard let reference = gateway.infrastructure?.parametersRef else { return base }
        guard reference.isConfigMap else { return nil }
        let key = gateway.metadata.key
        let configMap = ObjectKey(namespace: key.namespace, name: reference.name)
        let (read, defect) = read(configMap, of: .gateway, over: base)
        if let defect { result.parametersDefects[key] = defect }
        return read
    }

    private mutating func read(
        _ key: ObjectKey, of owner: GatewayParameters.Owner, over base: GatewayParameters
    ) -> (parameters: GatewayParameters?, defect: String?) {
        let use = ParametersUse(configMap: key, owner: owner, base: base)
        if let known = parametersRead[use] { return known }
        result.configMaps.insert(key)
        let read = readAnew(key, of: owner, over: base)
        parametersRead[use] = read
        return read
    }

    private func readAnew(
        _ key: ObjectKey, of owner: GatewayParameters.Owner, over base: GatewayParameters
    ) -> (parameters: GatewayParameters?, defect: String?) {
        switch configMap(key) {
        case .unknown: return (nil, nil)
        case .unreadable(let reason): return (nil, "ConfigMap \(key) cannot be read: \(reason)")
        case .absent: return (nil, "ConfigMap \(key) does not exist")
        case .found(let object):
            var parameters = base
            let problems = parameters.apply(configMap: object, key: key, of: owner)
            guard let first = problems.first else { return (parameters, nil) }
            let others = problems.count == 1 ? "" : " (and \(problems.count - 1) more)"
            return (nil, first.oneLine + others)
        }
    }
}

extension ParametersReference {
    fileprivate var isConfigMap: Bool { defect == nil && group.isEmpty && kind == "ConfigMap" }
}
