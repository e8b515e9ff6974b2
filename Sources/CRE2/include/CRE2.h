/* A C face for RE2: compile once, match many times, from any thread, in linear time. */
#ifndef WEIR_CRE2_H
#define WEIR_CRE2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_re2 weir_re2;

enum weir_re2_refusal {
  WEIR_RE2_INVALID = 1,
  /* It does not fit into the memory. */
  WEIR_RE2_TOO_LARGE = 2,
};

/* Compiles `pattern` to be used within `memory` bytes: its program, and the states that it builds of it as texts come.
   Returns NULL, sets `refusal` and writes a NUL-terminated message to `error` when RE2 refuses it. */
weir_re2 *weir_re2_compile(const char *pattern, size_t length, int64_t memory, enum weir_re2_refusal *refusal,
                           char *error, size_t error_capacity);
void weir_re2_free(weir_re2 *expression);

/* Instructions of its program: what matching a byte costs at worst is in proportion to them. */
int weir_re2_program_size(const weir_re2 *expression);

/* Whether the whole of `text` matches. */
int weir_re2_full_match(const weir_re2 *expression, const char *text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
