/* For tests that a path allocates nothing: counts what the calling thread asks of the heap. */
#ifndef WEIR_ALLOCATION_COUNT_H
#define WEIR_ALLOCATION_COUNT_H

/* Allocations that the calling thread has made since it began, frees not deducted. */
long weir_allocation_count(void);

#endif
