// A latency histogram with a fixed size: microseconds in logarithmic ranges of 128 steps, under 1 % off everywhere.
#pragma once
#include <stdint.h>

enum { STEP_BITS = 7, STEPS = 1 << STEP_BITS, RANGES = 32 };

struct histogram {
    uint64_t counts[RANGES * STEPS];
    uint64_t total;
    uint64_t largest;
};

static inline unsigned bucket_of(uint64_t value) {
    if (value < STEPS) return (unsigned)value;
    unsigned range = 63 - (unsigned)__builtin_clzll(value) - STEP_BITS + 1;
    if (range >= RANGES) return RANGES * STEPS - 1;
    return range * STEPS + (unsigned)((value >> range) & (STEPS - 1));
}

/// The largest value that falls into the bucket.
static inline uint64_t bucket_top(unsigned bucket) {
    unsigned range = bucket / STEPS;
    uint64_t step = bucket % STEPS;
    return range == 0 ? step : ((step + 1) << range) - 1;
}

static inline void record(struct histogram *histogram, uint64_t value) {
    histogram->counts[bucket_of(value)]++;
    histogram->total++;
    if (value > histogram->largest) histogram->largest = value;
}

static inline uint64_t percentile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->total + 0.5), seen = 0;
    for (unsigned i = 0; i < RANGES * STEPS; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted && seen > 0) {
            uint64_t top = bucket_top(i);
            return top < histogram->largest ? top : histogram->largest;
        }
    }
    return histogram->largest;
}
