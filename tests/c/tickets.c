/* Submitted operations: what a ticket is good for, once, and what an event loop and a fork see of it. */

#include "check.h"
#include "operations.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Longer than valgrind on a busy machine keeps a thread from running, and shorter than the operations would go on. */
enum { AT_ONCE_MS = 10000 };

static int64_t now_ms(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static okta_auth_ticket submit(okta_auth_handle handle, const char *operation, const char *request) {
    okta_auth_ticket ticket = 0;
    okta_auth_buffer body;
    int32_t status = okta_auth_submit(handle, operation, request, strlen(request), &ticket, &body);
    if (status != 202)
        fprintf(stderr, "%s: %s\n", operation, body.data);
    CHECK_STATUS(202, status);
    CHECK(ticket != 0 && body.len == 0);
    check_body(&body, "");
    return ticket;
}

static void expect(int32_t expected, okta_auth_handle handle, okta_auth_ticket ticket, int32_t timeout_ms,
                   const char *part) {
    okta_auth_buffer body;
    CHECK_STATUS(expected, okta_auth_wait(handle, ticket, timeout_ms, &body));
    check_body(&body, part);
}

static int readable(int fd) {
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static int descriptor_of(okta_auth_handle handle) {
    int32_t fd = -1;
    CHECK_STATUS(0, okta_auth_completion_fd(handle, &fd));
    CHECK(fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    return fd;
}

/* A server that takes connections and never answers: an Okta that is as slow as can be. Counts what it was sent. */
typedef struct silent_okta {
    int listener;
    char configuration[100];
} silent_okta;

static silent_okta start_silent_okta(void) {
    silent_okta okta;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    okta.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(okta.listener >= 0 && bind(okta.listener, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(okta.listener, 1000) == 0);
    CHECK(getsockname(okta.listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(okta.configuration, sizeof okta.configuration, "{\"org_url\":\"http://127.0.0.1:%d\"}",
             ntohs(address.sin_port));
    return okta;
}

/* Waits for a connection with a request on it. */
static void wait_until_asked(const silent_okta *okta) {
    struct pollfd listening = {.fd = okta->listener, .events = POLLIN};
    CHECK(poll(&listening, 1, AT_ONCE_MS) == 1);
    int connection = accept(okta->listener, NULL, NULL);
    struct pollfd asked = {.fd = connection, .events = POLLIN};
    CHECK(connection >= 0 && poll(&asked, 1, AT_ONCE_MS) == 1);
    char request[4];
    CHECK(read(connection, request, sizeof request) == sizeof request && memcmp(request, "POST", 4) == 0);
    /* The client may be told of the end of its connection; it must not try again. */
    close(connection);
}

static const char LOGIN[] = "{\"username\":\"fred\",\"password\":\"correct horse\"}";

static void what_is_no_submission_is_refused(okta_auth_handle handle) {
    okta_auth_ticket ticket = 1;
    okta_auth_buffer body;
    int32_t fd = 1;
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_submit(handle, NULL, "{}", 2, &ticket, &body));
    check_body(&body, "\"code\":\"null_pointer\"");
    CHECK(ticket == 0);
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_submit(handle, "login", "{}", 2, NULL, NULL));
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_submit(handle, "login", NULL, 2, &ticket, NULL));
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_completion_fd(handle, NULL));
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_next_completed(handle, NULL));
    static const char *const unknown[] = {"", "nosuch", "okta_auth_login", "login ", "\xff", "submit", "wait"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        CHECK_STATUS(OKTA_AUTH_UNKNOWN_OPERATION, okta_auth_submit(handle, unknown[i], "{}", 2, &ticket, &body));
        check_body(&body, "\"code\":\"unknown_operation\"");
    }
    CHECK_STATUS(OKTA_AUTH_INVALID_UTF8, okta_auth_submit(handle, "login", "\xff", 1, &ticket, NULL));
    CHECK_STATUS(OKTA_AUTH_TOO_LARGE, okta_auth_submit(handle, "login", "{}", SIZE_MAX, &ticket, NULL));
    CHECK_STATUS(400, okta_auth_submit(handle, "login", "[]", 2, &ticket, &body));
    check_body(&body, "\"code\":\"invalid_json\"");
    CHECK(ticket == 0);
    CHECK_STATUS(OKTA_AUTH_PENDING, okta_auth_next_completed(handle, &ticket));
    CHECK(ticket == 0);

    okta_auth_ticket invented[] = {0, 1, 3, handle, handle | 1, handle + 3, UINT64_MAX, UINT64_MAX - 1};
    for (size_t i = 0; i < sizeof invented / sizeof *invented; i++) {
        expect(OKTA_AUTH_INVALID_TICKET, handle, invented[i], -1, "\"code\":\"invalid_ticket\"");
        CHECK_STATUS(OKTA_AUTH_INVALID_TICKET, okta_auth_cancel(handle, invented[i]));
    }
    ticket = submit(handle, "list_users", "{}");
    static const int32_t times[] = {-2, -1000, INT32_MIN};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        expect(400, handle, ticket, times[i], "\"code\":\"invalid_request\"");
    expect(404, handle, ticket, INT32_MAX, "errors");
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_submit(ticket, "login", "{}", 2, &ticket, NULL));
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_wait(1, 1, 0, NULL));
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_cancel(1, 1));
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_completion_fd(1, &fd));
    CHECK(fd == -1);
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_next_completed(1, &ticket));
}

/* Each of them ends as its own function does, and its ticket with it. */
static void every_operation_can_be_submitted(okta_auth_handle handle) {
    for (int i = 0; i < OPERATION_COUNT; i++) {
        okta_auth_ticket ticket;
        okta_auth_buffer body;
        int32_t status = okta_auth_submit(handle, operations[i].name, "{}", 2, &ticket, &body);
        check_body(&body, "");
        if (status == 202) {
            status = okta_auth_wait(handle, ticket, -1, &body);
            check_body(&body, "");
            expect(OKTA_AUTH_INVALID_TICKET, handle, ticket, 0, "invalid_ticket");
        }
        CHECK_STATUS(operations[i].call(handle, "{}", 2, NULL), status);
    }
}

static void a_ticket_of_another_handle_is_unknown(okta_auth_handle handle) {
    okta_auth_handle other = open_in_memory();
    okta_auth_ticket ticket = submit(handle, "list_users", "{}");
    expect(OKTA_AUTH_INVALID_TICKET, other, ticket, -1, "invalid_ticket");
    CHECK_STATUS(OKTA_AUTH_INVALID_TICKET, okta_auth_cancel(other, ticket));
    expect(404, handle, ticket, -1, "errors");
    CHECK_STATUS(0, okta_auth_close(other));
}

/* As an event loop does: epoll, then all that have ended, then each one's answer. */
static void epoll_tells_what_has_ended(void) {
    enum { TICKETS = 200 };
    okta_auth_handle handle = open_in_memory();
    int fd = descriptor_of(handle), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    CHECK(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    CHECK(epoll_wait(epoll, &event, 1, 0) == 0);
    okta_auth_ticket tickets[TICKETS];
    for (int i = 0; i < TICKETS; i++)
        tickets[i] = submit(handle, "list_users", "{}");
    int ended = 0;
    while (ended < TICKETS) {
        okta_auth_ticket ticket;
        CHECK(epoll_wait(epoll, &event, 1, AT_ONCE_MS) == 1);
        while (okta_auth_next_completed(handle, &ticket) == 0) {
            int known = 0;
            for (int i = 0; i < TICKETS; i++) {
                known += tickets[i] == ticket;
                if (tickets[i] == ticket)
                    tickets[i] = 0;
            }
            CHECK(known == 1);
            ended++;
            expect(404, handle, ticket, 0, "errors");
        }
        CHECK(ticket == 0);
    }
    CHECK(!readable(fd));

    okta_auth_ticket left = submit(handle, "list_users", "{}");
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    CHECK(poll(&polled, 1, AT_ONCE_MS) == 1);
    int second = descriptor_of(handle);
    CHECK(second != fd && readable(second));
    close(fd);
    expect(404, handle, left, 0, "errors");
    CHECK(!readable(second));
    CHECK_STATUS(0, okta_auth_close(handle));
    for (int i = 0; i < 2; i++)
        CHECK(readable(second));
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_next_completed(handle, &left));
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_completion_fd(handle, &polled.fd));
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_cancel(handle, tickets[0]));
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_submit(handle, "list_users", "{}", 2, &left, NULL));
    expect(OKTA_AUTH_CLOSED, handle, tickets[0], -1, "closed");
    close(second);
    close(epoll);
}

typedef struct waiter {
    okta_auth_handle handle;
    okta_auth_ticket ticket;
    int32_t status;
} waiter;

static void *wait_for_it(void *argument) {
    waiter *waiter = argument;
    okta_auth_buffer body;
    waiter->status = okta_auth_wait(waiter->handle, waiter->ticket, -1, &body);
    okta_auth_buffer_free(&body);
    return NULL;
}

enum { WAITERS = 8 };

static void start_waiters(pthread_t *threads, waiter *waiters, okta_auth_handle handle) {
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (waiter){handle, submit(handle, "login", LOGIN), 0};
        CHECK(pthread_create(&threads[i], NULL, wait_for_it, &waiters[i]) == 0);
    }
}

static void a_cancel_wakes_whoever_waits(void) {
    pthread_t threads[WAITERS];
    waiter waiters[WAITERS];
    silent_okta okta = start_silent_okta();
    okta_auth_handle handle = open_in_memory();
    ASK(204, "", handle, okta_auth_configure, okta.configuration);
    start_waiters(threads, waiters, handle);
    wait_until_asked(&okta);
    int64_t begun = now_ms();
    for (int i = 0; i < WAITERS; i++) {
        /* The closed connection has ended one login already, and its waiter may have collected it. */
        int32_t status = okta_auth_cancel(handle, waiters[i].ticket);
        CHECK(status == 0 || status == OKTA_AUTH_INVALID_TICKET);
    }
    int cancelled = 0;
    for (int i = 0; i < WAITERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(waiters[i].status == OKTA_AUTH_CANCELLED || waiters[i].status == 400 || waiters[i].status == 503);
        cancelled += waiters[i].status == OKTA_AUTH_CANCELLED;
        expect(OKTA_AUTH_INVALID_TICKET, handle, waiters[i].ticket, -1, "invalid_ticket");
    }
    CHECK(now_ms() - begun < AT_ONCE_MS && cancelled >= WAITERS - 1);
    CHECK_STATUS(0, okta_auth_close(handle));
    close(okta.listener);
}

static void closing_wakes_whoever_waits(void) {
    pthread_t threads[WAITERS];
    waiter waiters[WAITERS];
    silent_okta okta = start_silent_okta();
    okta_auth_handle handle = open_in_memory();
    ASK(204, "", handle, okta_auth_configure, okta.configuration);
    start_waiters(threads, waiters, handle);
    struct pollfd listening = {.fd = okta.listener, .events = POLLIN};
    CHECK(poll(&listening, 1, AT_ONCE_MS) == 1);
    int64_t begun = now_ms();
    CHECK_STATUS(0, okta_auth_close(handle));
    for (int i = 0; i < WAITERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        /* A thread that came too late to wait finds the handle closed. */
        CHECK(waiters[i].status == OKTA_AUTH_CANCELLED || waiters[i].status == OKTA_AUTH_CLOSED);
    }
    CHECK(now_ms() - begun < AT_ONCE_MS);
    close(okta.listener);
}

static void a_child_leaves_its_parents_tickets_alone(okta_auth_handle parents) {
    silent_okta okta = start_silent_okta();
    ASK(204, "", parents, okta_auth_configure, okta.configuration);
    int fd = descriptor_of(parents);
    okta_auth_ticket running = submit(parents, "login", LOGIN);
    okta_auth_ticket ended = submit(parents, "list_users", "{}");
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    CHECK(poll(&polled, 1, AT_ONCE_MS) == 1);
    pid_t child = fork();
    if (child == 0) {
        okta_auth_ticket ticket = 1;
        int32_t none = 1;
        expect(OKTA_AUTH_FORKED, parents, ended, -1, "forked");
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_cancel(parents, running));
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_next_completed(parents, &ticket));
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_completion_fd(parents, &none));
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_submit(parents, "list_users", "{}", 2, &ticket, NULL));
        CHECK(ticket == 0 && none == -1);
        okta_auth_handle own = open_in_memory();
        int own_fd = descriptor_of(own);
        expect(OKTA_AUTH_INVALID_TICKET, own, ended, -1, "invalid_ticket");
        CHECK_STATUS(OKTA_AUTH_INVALID_TICKET, okta_auth_cancel(own, running));
        ticket = submit(own, "list_users", "{}");
        CHECK(ticket != running && ticket != ended);
        expect(404, own, ticket, -1, "errors");
        CHECK(!readable(own_fd));
        CHECK_STATUS(0, okta_auth_close(own));
        CHECK(readable(own_fd));
        close(fd);
        /* No exit: leak checkers would take for lost what only the parent's threads pointed to. */
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(readable(fd));
    okta_auth_ticket next;
    CHECK_STATUS(0, okta_auth_next_completed(parents, &next));
    CHECK(next == ended && !readable(fd));
    expect(404, parents, ended, 0, "errors");
    expect(OKTA_AUTH_PENDING, parents, running, 0, "pending");
    CHECK_STATUS(0, okta_auth_cancel(parents, running));
    CHECK_STATUS(0, okta_auth_cancel(parents, running));
    expect(OKTA_AUTH_CANCELLED, parents, running, -1, "\"code\":\"cancelled\"");
    close(fd);
    close(okta.listener);
}

int main(void) {
    okta_auth_handle handle = open_in_memory();
    what_is_no_submission_is_refused(handle);
    every_operation_can_be_submitted(handle);
    a_ticket_of_another_handle_is_unknown(handle);
    a_child_leaves_its_parents_tickets_alone(handle);
    CHECK_STATUS(0, okta_auth_close(handle));
    epoll_tells_what_has_ended();
    a_cancel_wakes_whoever_waits();
    closing_wakes_whoever_waits();
    return 0;
}
