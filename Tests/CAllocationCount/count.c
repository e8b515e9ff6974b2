#include "CAllocationCount.h"

#include <malloc.h>
#include <stddef.h>

/* glibc's own entries: the functions below stand in for the ordinary names in the whole test program. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static __thread long allocations;
static __thread long held;
static __thread long most;

long weir_allocation_count(void) { return allocations; }
long weir_allocated_bytes(void) { return held; }

long weir_allocated_peak(void) {
  long peak = most;
  most = held;
  return peak;
}

static void *counted(void *memory) {
  allocations++;
  if (memory != NULL) held += (long)malloc_usable_size(memory);
  if (held > most) most = held;
  return memory;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size) {
  long before = memory == NULL ? 0 : (long)malloc_usable_size(memory);
  void *moved = __libc_realloc(memory, size);
  if (moved != NULL || size == 0) held -= before;
  return counted(moved);
}

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = counted(__libc_memalign(alignment, size));
  return *memory == NULL ? 12 /* ENOMEM */ : 0;
}

void free(void *memory) {
  if (memory != NULL) held -= (long)malloc_usable_size(memory);
  __libc_free(memory);
}
