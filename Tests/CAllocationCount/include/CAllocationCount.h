/* For tests that a path allocates nothing, or that values stay small: counts what the calling thread asks of the heap. */
#ifndef WEIR_ALLOCATION_COUNT_H
#define WEIR_ALLOCATION_COUNT_H

/* Allocations that the calling thread has made since it began, frees not deducted. */
long weir_allocation_count(void);

/* Bytes that the calling thread has taken from the heap and not given back; what others free of them is not deducted. */
long weir_allocated_bytes(void);

/* The most that weir_allocated_bytes would have said since the last call of this function. */
long weir_allocated_peak(void);

#endif
