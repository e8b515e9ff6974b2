// The backend: an HTTP/1.1 keep-alive server that answers every request head with one fixed response. Requests carry
// no body here. Pipelined heads get one answer each, written together.
//
// usage: responder HOST PORT NAME BODY-BYTES        (NAME comes back as the field x-responder)
#include "net.h"

enum { SCRATCH = 64 * 1024, EVENTS = 256, MAX_BODY = 32 * 1024, MAX_FDS = 65536, CARRY = 3, BATCH = 16 };

/// Per connection: the last bytes seen, since a head's final CRLFCRLF may arrive in two reads.
struct tail {
    unsigned char length;
    char bytes[CARRY];
};

static struct tail tails[MAX_FDS];
static char scratch[CARRY + SCRATCH];
static char answers[BATCH * (MAX_BODY + 512)];
static size_t answer_length;

static void prepare_answers(const char *name, size_t body) {
    int head = snprintf(answers, 512,
                        "HTTP/1.1 200 OK\r\nserver: responder\r\nx-responder: %s\r\n"
                        "content-type: text/plain\r\ncache-control: no-store\r\ncontent-length: %zu\r\n\r\n",
                        name, body);
    memset(answers + head, 'w', body);
    answer_length = (size_t)head + body;
    for (int i = 1; i < BATCH; i++) memcpy(answers + (size_t)i * answer_length, answers, answer_length);
}

/// How many request heads end in what was read now.
static size_t heads_ended(struct tail *tail, char *start, size_t length) {
    size_t count = 0;
    const char *at = start, *end = start + length, *found;
    while ((found = memmem(at, (size_t)(end - at), "\r\n\r\n", 4))) {
        count++;
        at = found + 4;
    }
    size_t rest = (size_t)(end - at);
    tail->length = (unsigned char)(rest < CARRY ? rest : CARRY);
    memcpy(tail->bytes, end - tail->length, tail->length);
    return count;
}

/// 0 when the connection is over. A client that does not read its answers is closed: no benchmark client is like that.
static int serve(int fd) {
    struct tail *tail = &tails[fd];
    for (;;) {
        memcpy(scratch, tail->bytes, tail->length);
        ssize_t got = read(fd, scratch + tail->length, SCRATCH);
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return 0;
        size_t heads = heads_ended(tail, scratch, tail->length + (size_t)got);
        while (heads > 0) {
            size_t now = heads < BATCH ? heads : BATCH;
            if (write(fd, answers, now * answer_length) != (ssize_t)(now * answer_length)) return 0;
            heads -= now;
        }
        if (got < SCRATCH) return 1;
    }
}

static void accept_all(int epoll, int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        if (fd >= MAX_FDS) {
            close(fd);
            continue;
        }
        no_delay(fd);
        tails[fd].length = 0;
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) close(fd);
    }
}

int main(int argc, char **argv) {
    size_t body = argc == 5 ? (size_t)atol(argv[4]) : 0;
    if (argc != 5 || body > MAX_BODY || strlen(argv[3]) > 64) {
        fprintf(stderr, "usage: responder HOST PORT NAME BODY-BYTES\n");
        return 2;
    }
    prepare_answers(argv[3], body);
    int listener = listen_on(argv[1], atoi(argv[2]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    for (;;) {
        struct epoll_event batch[EVENTS];
        int count = epoll_wait(epoll, batch, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = batch[i].data.fd;
            if (fd == listener) {
                accept_all(epoll, listener);
            } else if (!serve(fd) || (batch[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
                close(fd);
            }
        }
    }
}
