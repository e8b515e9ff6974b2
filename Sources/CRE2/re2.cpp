#include "CRE2.h"

#include <cstdio>
#include <new>
#include <re2/re2.h>

struct weir_re2 {
  RE2 expression;
  weir_re2(const re2::StringPiece &pattern, const RE2::Options &options) : expression(pattern, options) {}
};

extern "C" weir_re2 *weir_re2_compile(const char *pattern, size_t length, int64_t memory,
                                      enum weir_re2_refusal *refusal, char *error, size_t error_capacity) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  options.set_encoding(RE2::Options::EncodingLatin1);  // request bytes are matched as they came
  options.set_never_capture(true);
  weir_re2 *compiled = new (std::nothrow) weir_re2(re2::StringPiece(pattern, length), options);
  if (compiled == nullptr) {
    *refusal = WEIR_RE2_TOO_LARGE;
    snprintf(error, error_capacity, "out of memory");
    return nullptr;
  }
  if (!compiled->expression.ok()) {
    *refusal =
        compiled->expression.error_code() == RE2::ErrorPatternTooLarge ? WEIR_RE2_TOO_LARGE : WEIR_RE2_INVALID;
    snprintf(error, error_capacity, "%s", compiled->expression.error().c_str());
    delete compiled;
    return nullptr;
  }
  return compiled;
}

extern "C" void weir_re2_free(weir_re2 *expression) { delete expression; }

extern "C" int weir_re2_program_size(const weir_re2 *expression) { return expression->expression.ProgramSize(); }

extern "C" int weir_re2_full_match(const weir_re2 *expression, const char *text, size_t length) {
  return RE2::FullMatch(re2::StringPiece(text, length), expression->expression) ? 1 : 0;
}
