// An open-loop load generator: requests are due at fixed instants whatever the proxy does, and a latency counts from
// the instant the request was due. A stall therefore costs every request that fell into it, not only one.
//
// usage: rate HOST PORT PATH HOST-FIELD CONNECTIONS REQUESTS-PER-SECOND SECONDS     (one line of JSON on stdout)
#include "net.h"

#include "histogram.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <time.h>

enum { MAX_CONNECTIONS = 4096, SCRATCH = 64 * 1024, EVENTS = 256, MAX_HEAD = 16 * 1024, DRAIN_SECONDS = 2 };

static const int64_t SECOND = 1000000000;

/// One keep-alive connection with at most one request under way. `head` collects a response head that came in pieces.
struct connection {
    int fd;
    int busy;
    int64_t due;
    size_t body_left;
    size_t head_length;
    char head[MAX_HEAD];
    struct connection *next_free;
};

static struct connection *free_list;
static struct histogram latencies;
static char scratch[SCRATCH], request[2048];
static size_t request_length;
static long errors, not_ok, in_flight;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void release(struct connection *connection) {
    connection->next_free = free_list;
    free_list = connection;
}

static void complete(struct connection *connection) {
    int64_t took = now() - connection->due;
    record(&latencies, took > 0 ? (uint64_t)took / 1000 : 0);
    connection->busy = 0;
    in_flight--;
    release(connection);
}

/// A connection that fails is not replaced: a benchmark with errors is reported as such, not smoothed over.
static void fail(struct connection *connection) {
    errors++;
    if (connection->busy) in_flight--;
    connection->busy = 0;
    close(connection->fd);
    connection->fd = -1;
}

/// Parses the head once it is whole; 0 when more is needed, -1 when it is no answer we can count.
static int take_head(struct connection *connection) {
    char *end = memmem(connection->head, connection->head_length, "\r\n\r\n", 4);
    if (!end) return connection->head_length < MAX_HEAD - 1 ? 0 : -1;
    *end = 0;
    size_t body_here = connection->head_length - (size_t)(end + 4 - connection->head);
    char *field = strcasestr(connection->head, "\r\ncontent-length:");
    if (!field) return -1;
    size_t length = strtoul(field + 17, NULL, 10);
    if (body_here > length) return -1;
    if (strncmp(connection->head, "HTTP/1.1 200", 12) != 0) not_ok++;
    connection->body_left = length - body_here;
    connection->head_length = 0;
    return 1;
}

static void feed(struct connection *connection, const char *bytes, size_t length) {
    if (!connection->busy) {
        fail(connection);
    } else if (connection->body_left > 0) {
        if (length > connection->body_left) {
            fail(connection);
            return;
        }
        connection->body_left -= length;
        if (connection->body_left == 0) complete(connection);
    } else if (connection->head_length + length >= MAX_HEAD) {
        fail(connection);
    } else {
        memcpy(connection->head + connection->head_length, bytes, length);
        connection->head_length += length;
        int parsed = take_head(connection);
        if (parsed < 0) fail(connection);
        else if (parsed > 0 && connection->body_left == 0) complete(connection);
    }
}

static void receive(struct connection *connection) {
    while (connection->fd >= 0) {
        ssize_t got = read(connection->fd, scratch, SCRATCH);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            fail(connection);
            return;
        }
        feed(connection, scratch, (size_t)got);
        if (got < SCRATCH) return;
    }
}

static void send_due(struct connection *connection, int64_t due) {
    connection->busy = 1;
    connection->due = due;
    in_flight++;
    if (write(connection->fd, request, request_length) != (ssize_t)request_length) fail(connection);
}

static void open_connections(int epoll, const struct sockaddr_in *target, int count) {
    for (int i = 0; i < count; i++) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) die("calloc");
        connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection->fd < 0 || connect(connection->fd, (const struct sockaddr *)target, sizeof *target) < 0)
            die("connect");
        no_delay(connection->fd);
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0) die("epoll_ctl");
        if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
        release(connection);
    }
}

static void wait_until(int epoll, int64_t deadline) {
    int64_t left = deadline - now();
    if (left < 0) left = 0;
    struct timespec timeout = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
    struct epoll_event batch[EVENTS];
    int count = epoll_pwait2(epoll, batch, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) receive(batch[i].data.ptr);
}

int main(int argc, char **argv) {
    int connections = argc == 8 ? atoi(argv[5]) : 0;
    int64_t rate = argc == 8 ? atol(argv[6]) : 0, seconds = argc == 8 ? atol(argv[7]) : 0;
    if (connections < 1 || connections > MAX_CONNECTIONS || rate < 1 || seconds < 1) {
        fprintf(stderr, "usage: rate HOST PORT PATH HOST-FIELD CONNECTIONS REQUESTS-PER-SECOND SECONDS\n");
        return 2;
    }
    // The default slack of 50 us would be the latency measured.
    prctl(PR_SET_TIMERSLACK, 1);
    request_length = (size_t)snprintf(request, sizeof request,
                                      "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: rate\r\nAccept: */*\r\n\r\n",
                                      argv[3], argv[4]);
    struct sockaddr_in target = ipv4(argv[1], atoi(argv[2]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    open_connections(epoll, &target, connections);

    int64_t start = now(), total = rate * seconds, sent = 0;
    while (sent < total) {
        int64_t due = start + sent * SECOND / rate;
        if (now() >= due + DRAIN_SECONDS * SECOND) break;  // hopelessly behind: say so by the count
        if (free_list && now() >= due) {
            struct connection *connection = free_list;
            free_list = connection->next_free;
            send_due(connection, due);
            sent++;
        } else {
            wait_until(epoll, free_list ? due : now() + SECOND / 100);
        }
    }
    int64_t deadline = now() + DRAIN_SECONDS * SECOND;
    while (in_flight > 0 && now() < deadline) wait_until(epoll, now() + SECOND / 100);

    printf("{\"due\": %lld, \"sent\": %lld, \"completed\": %llu, \"errors\": %ld, \"not_ok\": %ld, \"p50_us\": %llu, "
           "\"p90_us\": %llu, \"p99_us\": %llu, \"p999_us\": %llu, \"max_us\": %llu}\n",
           (long long)total, (long long)sent, (unsigned long long)latencies.total, errors, not_ok,
           (unsigned long long)percentile(&latencies, 0.50), (unsigned long long)percentile(&latencies, 0.90),
           (unsigned long long)percentile(&latencies, 0.99), (unsigned long long)percentile(&latencies, 0.999),
           (unsigned long long)latencies.largest);
    return 0;
}
