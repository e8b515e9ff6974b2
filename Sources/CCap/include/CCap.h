#ifndef WEIR_CCAP_H
#define WEIR_CCAP_H
#include <sys/capability.h>
#include <sys/prctl.h>
#endif
