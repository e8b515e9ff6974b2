/* System calls and constants that the Swift Glibc overlay does not offer, and relaxed atomics.
   Everything here is a thin, inline shim: policy (EINTR, EAGAIN, errors) lives in Reactor. */
#ifndef WEIR_CLINUX_H
#define WEIR_CLINUX_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h, without their conflicting includes. */
#define WEIR_SO_ORIGINAL_DST 80

/* glibc gives the address arguments of these calls a union type in GNU mode, which Swift cannot name. */
static inline int weir_bind(int fd, const struct sockaddr *address, socklen_t length) { return bind(fd, address, length); }
static inline int weir_connect(int fd, const struct sockaddr *address, socklen_t length) {
  return connect(fd, address, length);
}
/* accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC. */
int weir_accept(int fd, struct sockaddr_storage *address, socklen_t *length);
static inline int weir_local_address(int fd, struct sockaddr_storage *address, socklen_t *length) {
  return getsockname(fd, (struct sockaddr *)address, length);
}

/* Enumerators and macros of mixed types, as the plain integers that the calls take. */
static const int32_t WEIR_STREAM = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
static const int32_t WEIR_NOSIGNAL = MSG_NOSIGNAL;
static const int32_t WEIR_EVENTFD = EFD_NONBLOCK | EFD_CLOEXEC;
static const int32_t WEIR_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const uint32_t WEIR_EPOLLIN = EPOLLIN;
static const uint32_t WEIR_EPOLLOUT = EPOLLOUT;
static const uint32_t WEIR_EPOLLRDHUP = EPOLLRDHUP;
static const uint32_t WEIR_EPOLLHUP = EPOLLHUP | EPOLLERR;
static const uint32_t WEIR_EPOLLET = EPOLLET;

static inline int weir_signalfd_flags(void) { return SFD_NONBLOCK | SFD_CLOEXEC; }

/* Unmaps the pages of every loaded object's read-only segments: code that start-up used and that the data path does not. The
   kernel maps again, from its cache, whatever is still used. Writable segments (relocations) are left alone. */
void weir_release_code_pages(void);

/* From now on every block of 256 KiB and more is mapped by itself, and given back to the system as soon as it is freed. Left to
   itself the C library maps ever fewer of them: each that is freed raises the size from which on it does, and the next ones lie in
   the heap, where what stays keeps their room from being given back. The largest buffers of the data path are smaller, and reused. */
void weir_map_large_blocks(void);

/* A relaxed add on a counter that one thread writes and others read: a plain add on x86-64 and arm64. */
static inline void weir_counter_add(uint64_t *counter, uint64_t amount) {
  uint64_t value = __atomic_load_n(counter, __ATOMIC_RELAXED);
  __atomic_store_n(counter, value + amount, __ATOMIC_RELAXED);
}

static inline uint64_t weir_counter_load(const uint64_t *counter) {
  return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void weir_counter_store(uint64_t *counter, uint64_t value) {
  __atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

static inline uint64_t weir_load_acquire(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

static inline void weir_store_release(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

#endif
