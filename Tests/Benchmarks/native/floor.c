// The floor: the least a userspace proxy can spend per request on this kernel. It makes the system calls of a good
// epoll HTTP proxy (edge-triggered, read until short, write at once, accept4 in batches, TCP_NODELAY, one kept
// upstream connection per client) and understands nothing of what it forwards.
//
// usage: floor LISTEN-HOST LISTEN-PORT UPSTREAM-HOST UPSTREAM-PORT
#include "net.h"

enum { SCRATCH = 64 * 1024, EVENTS = 256, ACCEPT_BATCH = 64 };

/// One half of a forwarded pair. `held` are bytes read from this half that its peer could not take yet; while there
/// are any this half is not read, which is all the back-pressure needed.
struct half {
    int fd;
    struct half *peer;
    char *held;
    size_t held_length;
    int readable;
    int ended;
};

struct pair {
    struct half client, upstream;
    struct pair *next_dead;
    int dead;
};

static char scratch[SCRATCH];
static struct pair *graveyard;

/// Memory is freed after the batch of events: a later event of the same batch may still point at it.
static void bury(struct pair *pair) {
    if (pair->dead) return;
    pair->dead = 1;
    close(pair->client.fd);
    close(pair->upstream.fd);
    pair->next_dead = graveyard;
    graveyard = pair;
}

static void empty_graveyard(void) {
    while (graveyard) {
        struct pair *pair = graveyard;
        graveyard = pair->next_dead;
        free(pair->client.held);
        free(pair->upstream.held);
        free(pair);
    }
}

/// Keeps what a full (or not yet connected) peer did not take. False when memory is out.
static int hold(struct half *from, const char *bytes, size_t length) {
    char *copy = malloc(length);
    if (!copy) return 0;
    memcpy(copy, bytes, length);
    free(from->held);
    from->held = copy;
    from->held_length = length;
    return 1;
}

/// Writes what is held from `from`; 1 when nothing is left, 0 when the peer is full, -1 when it is gone.
static int release(struct half *from) {
    while (from->held_length > 0) {
        ssize_t sent = write(from->peer->fd, from->held, from->held_length);
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        from->held_length -= (size_t)sent;
        memmove(from->held, from->held + sent, from->held_length);
    }
    return 1;
}

/// Moves what `from` has to its peer; 0 when the pair is over.
static int pump(struct half *from) {
    int clear = release(from);
    if (clear < 0) return 0;
    while (clear == 1 && from->readable) {
        ssize_t got = read(from->fd, scratch, SCRATCH);
        if (got == 0) return 0;
        if (got < 0) {
            if (errno != EAGAIN) return 0;
            from->readable = 0;
            break;
        }
        if (got < SCRATCH) from->readable = from->ended;
        ssize_t sent = write(from->peer->fd, scratch, (size_t)got);
        if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) return 0;
        if (sent < 0) sent = 0;
        if (sent < got) {
            if (!hold(from, scratch + sent, (size_t)(got - sent))) return 0;
            clear = 0;
        }
    }
    return 1;
}

static void accept_batch(int epoll, int listener, const struct sockaddr_in *target) {
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        no_delay(fd);
        int upstream = dial(target);
        struct pair *pair = calloc(1, sizeof *pair);
        if (upstream < 0 || !pair) {
            if (upstream >= 0) close(upstream);
            close(fd);
            free(pair);
            continue;
        }
        pair->client = (struct half){.fd = fd, .peer = &pair->upstream};
        pair->upstream = (struct half){.fd = upstream, .peer = &pair->client};
        watch(epoll, upstream, &pair->upstream);
        watch(epoll, fd, &pair->client);
    }
}

static struct pair *pair_of(struct half *half) {
    // The client half is the first member, so the lower of the two addresses is the pair's.
    return (struct pair *)(half < half->peer ? half : half->peer);
}

static void handle(struct half *half, uint32_t events) {
    struct pair *pair = pair_of(half);
    if (pair->dead) return;
    if (events & EPOLLERR) {
        bury(pair);
        return;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP)) half->ended = 1;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) half->readable = 1;
    if (half->readable && !pump(half)) {
        bury(pair);
        return;
    }
    if ((events & EPOLLOUT) && half->peer->held_length > 0 && !pump(half->peer)) bury(pair);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: floor LISTEN-HOST LISTEN-PORT UPSTREAM-HOST UPSTREAM-PORT\n");
        return 2;
    }
    int listener = listen_on(argv[1], atoi(argv[2]));
    struct sockaddr_in target = ipv4(argv[3], atoi(argv[4]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    for (;;) {
        struct epoll_event batch[EVENTS];
        int count = epoll_wait(epoll, batch, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (batch[i].data.ptr) handle(batch[i].data.ptr, batch[i].events);
            else accept_batch(epoll, listener, &target);
        }
        empty_graveyard();
    }
}
