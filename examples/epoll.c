/* Logs a thousand users in at once, each with a push, on one thread with an event loop.
 *
 *     cc epoll.c -lokta_auth -o epoll
 *     ./epoll https://acme.okta.com ca.pem password 1000
 *
 * The users are user0, user1, ... A server has other descriptors in its loop: clients that come and go, timers. Here
 * a timer stands for them; it prints how far things have come. */

#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static okta_auth_handle handle;
static int begun, logged_in, refused;

static void fail(const char *what, okta_auth_buffer *answer) {
    fprintf(stderr, "%s: %s\n", what, answer->data);
    exit(1);
}

/* Begins a login. A server would note which of its clients the ticket belongs to. */
static void begin(const char *password) {
    char request[500];
    okta_auth_ticket ticket;
    okta_auth_buffer answer;
    snprintf(request, sizeof request, "{\"username\":\"user%d\",\"password\":\"%s\"}", begun, password);
    if (okta_auth_submit(handle, "login", request, strlen(request), &ticket, &answer) != 202)
        fail("submit", &answer);
    okta_auth_buffer_free(&answer);
    begun++;
}

/* Takes the answers of all logins that have ended. */
static void take_answers(void) {
    okta_auth_ticket ticket;
    while (okta_auth_next_completed(handle, &ticket) == 0) {
        okta_auth_buffer answer;
        int32_t status = okta_auth_wait(handle, ticket, 0, &answer);
        if (status == 200)
            logged_in++; /* answer.data holds the token. */
        else if (refused++ == 0)
            fprintf(stderr, "%d %s\n", (int)status, answer.data);
        okta_auth_buffer_free(&answer);
    }
}

static void watch(int loop, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

int main(int argc, char **argv) {
    char text[1000];
    okta_auth_buffer answer;
    int32_t completions;
    if (argc != 5)
        return 2;
    int logins = atoi(argv[4]);
    snprintf(text, sizeof text, "{\"ca_file\":\"%s\"}", argv[2]);
    if (okta_auth_open(text, strlen(text), &handle, &answer) != 200)
        fail("open", &answer);
    okta_auth_buffer_free(&answer);
    snprintf(text, sizeof text, "{\"org_url\":\"%s\"}", argv[1]);
    if (okta_auth_configure(handle, text, strlen(text), &answer) != 204)
        fail("configure", &answer);
    okta_auth_buffer_free(&answer);

    int loop = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct itimerspec every_second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    if (loop < 0 || timerfd_settime(timer, 0, &every_second, NULL) != 0 ||
        okta_auth_completion_fd(handle, &completions) != 0)
        return 1;
    watch(loop, timer);
    watch(loop, completions);

    while (begun < logins)
        begin(argv[3]);
    while (logged_in + refused < begun) {
        struct epoll_event event;
        if (epoll_wait(loop, &event, 1, -1) != 1)
            continue;
        if (event.data.fd == completions) {
            take_answers();
        } else {
            uint64_t ticks;
            if (read(timer, &ticks, sizeof ticks) == sizeof ticks)
                printf("%d wait for a tap, %d are in\n", begun - logged_in - refused, logged_in);
        }
    }
    printf("%d logged in, %d refused\n", logged_in, refused);
    close(completions);
    close(timer);
    close(loop);
    return okta_auth_close(handle) == 0 && refused == 0 ? 0 : 1;
}
