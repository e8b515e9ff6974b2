// swift-tools-version: 6.2
import PackageDescription

/// Settings every module of the house is built with.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// For modules that parse what the network or a user's file sends: every unsafe use is spelled out.
let parser: [SwiftSetting] = house + [.strictMemorySafety()]

let package = Package(
    name: "weir",
    products: [.executable(name: "weir", targets: ["weir"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        // C libraries: one module map or shim each.
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CYAML", linkerSettings: [.linkedLibrary("yaml")]),
        .target(name: "CCap", linkerSettings: [.linkedLibrary("cap")]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CAres", linkerSettings: [.linkedLibrary("cares")]),

        // The house; imports point one way.
        .target(name: "GatewayAPI", swiftSettings: parser),
        .target(name: "Routing", dependencies: ["GatewayAPI", "CRE2"], swiftSettings: house),
        .target(name: "Balancing", dependencies: ["GatewayAPI"], swiftSettings: house),
        .target(name: "Reactor", dependencies: ["CLinux"], swiftSettings: house),
        .target(name: "TLS", dependencies: ["COpenSSL"], swiftSettings: parser),
        .target(name: "HTTP", swiftSettings: parser),
        .target(name: "Telemetry", dependencies: ["CLinux"], swiftSettings: house),
        .target(name: "Resolver", dependencies: ["Reactor", "CAres", "CLinux"], swiftSettings: parser),
        .target(name: "ControlHTTP", dependencies: ["Reactor", "TLS", "HTTP"], swiftSettings: parser),
        .target(
            name: "Kubernetes", dependencies: ["GatewayAPI", "ControlHTTP", "TLS", "Reactor", "CYAML", "CLinux"],
            swiftSettings: parser),
        .target(name: "Injection", dependencies: ["GatewayAPI", "Interception"], swiftSettings: parser),
        .target(
            name: "Controller",
            dependencies: [
                "GatewayAPI", "Routing", "Kubernetes", "ControlHTTP", "TLS", "Injection", "Reactor", "HTTP",
                "Telemetry",
            ],
            swiftSettings: house),
        .target(name: "Interception", dependencies: ["CLinux", "CCap"], swiftSettings: house),
        .target(
            name: "Proxy",
            dependencies: [
                "GatewayAPI", "Routing", "Balancing", "Reactor", "TLS", "HTTP", "ControlHTTP", "Telemetry", "Resolver",
                "Kubernetes", "Injection", "Interception", "CLinux",
            ],
            swiftSettings: house),
        .target(
            name: "Explain", dependencies: ["GatewayAPI", "HTTP", "Routing", "Balancing"], swiftSettings: parser),
        .executableTarget(
            name: "weir",
            dependencies: [
                "Proxy", "Controller", "Injection", "Explain", "Kubernetes", "Interception", "Routing", "GatewayAPI",
                "ControlHTTP", "TLS", "Reactor", "HTTP", "Telemetry", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),

        // Tests, one per module, then the rings around them.
        .testTarget(name: "GatewayAPITests", dependencies: ["GatewayAPI", "Reactor"], swiftSettings: house),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        // Fuzz targets: entry points that the module's tests run on seeds and mutations, and any fuzzer can.
        .target(name: "FuzzDriver", dependencies: ["Reactor"], path: "Tests/Fuzz/Driver", swiftSettings: house),
        .target(name: "HTTPFuzz", dependencies: ["HTTP"], path: "Tests/Fuzz/HTTP", swiftSettings: house),
        .target(
            name: "RoutingFuzz", dependencies: ["GatewayAPI", "Reactor", "FuzzDriver"], path: "Tests/Fuzz/Routing",
            swiftSettings: house),
        .target(
            name: "YAMLFuzz", dependencies: ["GatewayAPI", "Kubernetes"], path: "Tests/Fuzz/YAML", swiftSettings: house),
        .target(
            name: "JSONFuzz", dependencies: ["GatewayAPI", "Kubernetes"], path: "Tests/Fuzz/JSON", swiftSettings: house),
        .target(name: "ReactorFuzz", dependencies: ["Reactor"], path: "Tests/Fuzz/Reactor", swiftSettings: house),
        .target(
            name: "SyntaxFuzz", dependencies: ["GatewayAPI", "Routing"], path: "Tests/Fuzz/Syntax", swiftSettings: house
        ),
        .target(
            name: "APIFuzz", dependencies: ["GatewayAPI", "Kubernetes"], path: "Tests/Fuzz/API", swiftSettings: house),
        .target(
            name: "ControlHTTPFuzz", dependencies: ["ControlHTTP", "HTTP", "Reactor"], path: "Tests/Fuzz/ControlHTTP",
            swiftSettings: house),
        .target(
            name: "ProxyFuzz", dependencies: ["Balancing", "HTTP", "Proxy", "Reactor"], path: "Tests/Fuzz/Proxy",
            swiftSettings: house),
        .target(name: "TLSFuzz", dependencies: ["TLS"], path: "Tests/Fuzz/TLS", swiftSettings: house),
        .testTarget(
            name: "RoutingTests",
            dependencies: [
                "Routing", "Kubernetes", "Reactor", "RoutingFuzz", "SyntaxFuzz", "FuzzDriver", "CAllocationCount",
            ],
            swiftSettings: house),
        .testTarget(name: "BalancingTests", dependencies: ["Balancing"], swiftSettings: house),
        .testTarget(
            name: "ReactorTests", dependencies: ["Reactor", "ReactorFuzz", "FuzzDriver"], swiftSettings: house),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "HTTPFuzz", "FuzzDriver"], swiftSettings: house),
        .testTarget(name: "TLSTests", dependencies: ["TLS", "TLSFuzz", "Reactor"], swiftSettings: house),
        .testTarget(
            name: "ControlHTTPTests",
            dependencies: ["ControlHTTP", "TLS", "HTTP", "Reactor", "ControlHTTPFuzz", "FuzzDriver"],
            swiftSettings: house),
        // An API server of the tests: threads and blocking sockets, nothing shared with the client it is there to test.
        .target(
            name: "APIServer", dependencies: ["GatewayAPI", "Kubernetes", "TLS"], path: "Tests/APIServer",
            swiftSettings: house),
        .executableTarget(
            name: "test-apiserver", dependencies: ["APIServer", "GatewayAPI"], path: "Tests/APIServerProgram",
            swiftSettings: house),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "Reactor"], swiftSettings: house),
        .testTarget(name: "ResolverTests", dependencies: ["Resolver"], swiftSettings: house),
        .testTarget(
            name: "KubernetesTests",
            dependencies: [
                "Kubernetes", "GatewayAPI", "Routing", "Reactor", "TLS", "APIServer", "YAMLFuzz", "JSONFuzz", "APIFuzz",
                "FuzzDriver", "CAllocationCount",
            ],
            swiftSettings: house),
        .testTarget(name: "InjectionTests", dependencies: ["Injection", "Kubernetes"], swiftSettings: house),
        .target(
            name: "AdmissionFuzz", dependencies: ["Controller", "GatewayAPI", "Injection", "Kubernetes"],
            path: "Tests/Fuzz/Admission", swiftSettings: house),
        .testTarget(
            name: "ControllerTests",
            dependencies: [
                "Controller", "Kubernetes", "GatewayAPI", "Routing", "Reactor", "ControlHTTP", "HTTP", "Injection",
                "TLS", "APIServer", "AdmissionFuzz", "FuzzDriver",
            ],
            swiftSettings: house),
        .testTarget(name: "InterceptionTests", dependencies: ["Interception"], swiftSettings: house),
        .testTarget(name: "ExplainTests", dependencies: ["Explain", "Kubernetes"], swiftSettings: house),
        .testTarget(
            name: "ProxyTests",
            dependencies: [
                "Proxy", "ControlHTTP", "Injection", "TLS", "ProxyFuzz", "FuzzDriver", "CAllocationCount",
            ],
            swiftSettings: house),
        .testTarget(
            name: "EndToEndTests", dependencies: ["APIServer", "GatewayAPI", "TLS"], exclude: ["Native"],
            swiftSettings: house),
    ],
    cxxLanguageStandard: .cxx17
)
