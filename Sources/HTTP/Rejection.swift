/// Why a message was refused. The raw value names the condition in metrics and logs and stays stable.
package enum Rejection: UInt8, Error, Sendable, CaseIterable, BitwiseCopyable {
    // Start line
    case badMethod, badTarget, badVersion, badStatusLine
    case unsupportedVersion, http2PriorKnowledge, targetTooLong, connectNotSupported
    // Bytes and lines
    case controlByte, bareCarriageReturn, bareLineFeed, obsoleteFold, spaceBeforeColon, badFieldName
    case headTooLarge, tooManyFields
    // Host
    case hostMissing, hostRepeated, badHost
    // Framing
    case badContentLength, contentLengthRepeated, lengthAndTransferEncoding
    case badTransferEncoding, unknownTransferCoding, transferEncodingInOldVersion
    case unknownExpectation
    // Body
    case badChunk, chunkLineTooLong, badTrailer, trailerTooLarge
    // At the edge
    case ambiguousFieldName

    /// The status with which a request is answered. A response refused for the same reason becomes 502.
    package var status: Int {
        switch self {
        case .unsupportedVersion, .http2PriorKnowledge: 505
        case .targetTooLong: 414
        case .connectNotSupported, .unknownTransferCoding: 501
        case .headTooLarge, .tooManyFields, .trailerTooLarge: 431
        case .unknownExpectation: 417
        default: 400
        }
    }

    /// The condition's name for metrics and logs.
    package var label: StaticString {
        switch self {
        case .badMethod: "bad_method"
        case .badTarget: "bad_target"
        case .badVersion: "bad_version"
        case .badStatusLine: "bad_status_line"
        case .unsupportedVersion: "unsupported_version"
        case .http2PriorKnowledge: "http2_prior_knowledge"
        case .targetTooLong: "target_too_long"
        case .connectNotSupported: "connect_not_supported"
        case .controlByte: "control_byte"
        case .bareCarriageReturn: "bare_cr"
        case .bareLineFeed: "bare_lf"
        case .obsoleteFold: "obs_fold"
        case .spaceBeforeColon: "space_before_colon"
        case .badFieldName: "bad_field_name"
        case .headTooLarge: "head_too_large"
        case .tooManyFields: "too_many_fields"
        case .hostMissing: "host_missing"
        case .hostRepeated: "host_repeated"
        case .badHost: "bad_host"
        case .badContentLength: "bad_content_length"
        case .contentLengthRepeated: "content_length_repeated"
        case .lengthAndTransferEncoding: "length_and_transfer_encoding"
        case .badTransferEncoding: "bad_transfer_encoding"
        case .unknownTransferCoding: "unknown_transfer_coding"
        case .transferEncodingInOldVersion: "transfer_encoding_in_http_1_0"
        case .unknownExpectation: "unknown_expectation"
        case .badChunk: "bad_chunk"
        case .chunkLineTooLong: "chunk_line_too_long"
        case .badTrailer: "bad_trailer"
        case .trailerTooLarge: "trailer_too_large"
        case .ambiguousFieldName: "ambiguous_field_name"
        }
    }

    /// What was wrong, for the response body and the log.
    package var reason: StaticString {
        switch self {
        case .badMethod: "the request method is not a token"
        case .badTarget: "the request target has a form or a byte that is not allowed"
        case .badVersion: "the start line does not end in an HTTP version"
        case .badStatusLine: "the status line is malformed"
        case .unsupportedVersion: "only HTTP/1.0 and HTTP/1.1 are spoken here"
        case .http2PriorKnowledge: "HTTP/2 and gRPC are not spoken here, only HTTP/1.1"
        case .targetTooLong: "the request target is too long"
        case .connectNotSupported: "CONNECT is not supported"
        case .controlByte: "a control byte in the head"
        case .bareCarriageReturn: "a carriage return without a line feed"
        case .bareLineFeed: "a line feed without a carriage return"
        case .obsoleteFold: "a field line is folded or begins with whitespace"
        case .spaceBeforeColon: "whitespace between a field name and its colon"
        case .badFieldName: "a field name is empty or not a token"
        case .headTooLarge: "the head is too large"
        case .tooManyFields: "the head has too many fields"
        case .hostMissing: "the Host field is missing"
        case .hostRepeated: "the Host field occurs more than once"
        case .badHost: "the host is empty or malformed"
        case .badContentLength: "Content-Length is not one decimal number"
        case .contentLengthRepeated: "Content-Length occurs more than once"
        case .lengthAndTransferEncoding: "Content-Length and Transfer-Encoding together"
        case .badTransferEncoding: "Transfer-Encoding does not end in one chunked"
        case .unknownTransferCoding: "the only transfer coding supported is chunked"
        case .transferEncodingInOldVersion: "Transfer-Encoding in an HTTP/1.0 message"
        case .unknownExpectation: "the only expectation supported is 100-continue"
        case .badChunk: "a chunk of the body is malformed"
        case .chunkLineTooLong: "a chunk-size line or the chunk extensions are too long"
        case .badTrailer: "a trailer field is malformed"
        case .trailerTooLarge: "the trailer section is too large"
        case .ambiguousFieldName: "a field name has a byte that is no letter, digit or hyphen"
        }
    }
}
