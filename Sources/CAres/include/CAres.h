#ifndef WEIR_CARES_H
#define WEIR_CARES_H
#include <ares.h>
#endif
