/* A C face for RE2: compile once, match many times, from any thread, in linear time. */
#ifndef WEIR_CRE2_H
#define WEIR_CRE2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_re2 weir_re2;

/* Compiles `pattern`. Returns NULL and writes a NUL-terminated message to `error` when RE2 refuses it
   or its program would need more than `max_memory` bytes. */
weir_re2 *weir_re2_compile(const char *pattern, size_t length, int64_t max_memory, char *error, size_t error_capacity);
void weir_re2_free(weir_re2 *expression);

/* Whether the whole of `text` matches. */
int weir_re2_full_match(const weir_re2 *expression, const char *text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
