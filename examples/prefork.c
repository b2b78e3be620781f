/* A login over two processes, as pre-forked workers of a web server have it: worker A starts it, worker B ends it.
 * They share the database and nothing else; each opens it after the fork.
 *
 *     cc prefork.c -lokta_auth -o prefork
 *     ./prefork https://acme.okta.com ca.pem okta.db api-token password */

#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char body[10000];

/* Opens the database; the process ends when that fails. */
static okta_auth_handle open_database(char **argv) {
    okta_auth_handle handle;
    okta_auth_buffer answer;
    snprintf(body, sizeof body, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s\"},\"ca_file\":\"%s\"}", argv[3], argv[2]);
    int32_t status = okta_auth_open(body, strlen(body), &handle, &answer);
    if (status != 200)
        fprintf(stderr, "open: %d %s\n", (int)status, answer.data);
    okta_auth_buffer_free(&answer);
    if (status != 200)
        exit(1);
    return handle;
}

typedef int32_t operation(okta_auth_handle, const char *, size_t, okta_auth_buffer *);

/* Carries out an operation and keeps the answer in `body`. */
static int32_t ask(const char *worker, okta_auth_handle handle, operation *call, const char *request) {
    okta_auth_buffer answer;
    int32_t status = call(handle, request, strlen(request), &answer);
    snprintf(body, sizeof body, "%s", answer.data);
    okta_auth_buffer_free(&answer);
    printf("%s: %d\n", worker, (int)status);
    fflush(stdout);
    return status;
}

/* What follows `before` in `body`; nothing when it is not there. */
static const char *after(const char *before) {
    const char *found = strstr(body, before);
    return found ? found + strlen(before) : "";
}

/* Takes the password, has the push sent, and hands the transaction's id on: in real life to the browser, and from there
 * to whichever worker gets the next request. */
static int worker_a(char **argv, int out) {
    okta_auth_handle handle = open_database(argv);
    char request[1000], id[33] = "";
    snprintf(request, sizeof request, "{\"username\":\"fred\",\"password\":\"%s\",\"factor_type\":\"push\"}", argv[5]);
    int32_t status = ask("worker A, start", handle, okta_auth_start_transaction, request);
    sscanf(after("],\"id\":\""), "%32[^\"]", id);
    okta_auth_close(handle);
    return status == 202 && write(out, id, sizeof id) == (ssize_t)sizeof id ? 0 : 1;
}

/* Asks how it stands until it is over. */
static int worker_b(char **argv, int in) {
    okta_auth_handle handle = open_database(argv);
    char request[100], id[33] = "";
    int32_t status = 202;
    if (read(in, id, sizeof id) != (ssize_t)sizeof id)
        return 1;
    snprintf(request, sizeof request, "{\"id\":\"%s\"}", id);
    while ((status = ask("worker B, poll", handle, okta_auth_continue_transaction, request)) == 202)
        sleep((unsigned)strtol(after("\"poll_after\":"), NULL, 10));
    if (status == 200)
        printf("worker B: a token for %.*s\n", (int)strcspn(after("\"okta_login\":\""), "\""), after("\"okta_login\":\""));
    okta_auth_close(handle);
    return status == 200 ? 0 : 1;
}

int main(int argc, char **argv) {
    int ends[2], failed = 0, result;
    char request[1000];
    if (argc != 6 || pipe(ends) != 0)
        return 2;
    okta_auth_handle handle = open_database(argv);
    snprintf(request, sizeof request, "{\"org_url\":\"%s\",\"api_token\":\"%s\"}", argv[1], argv[4]);
    int32_t status = ask("parent, configure", handle, okta_auth_configure, request);
    okta_auth_close(handle);
    if (status != 204)
        return 1;
    for (int worker = 0; worker < 2; worker++) {
        if (fork() == 0) {
            int code = worker == 0 ? worker_a(argv, ends[1]) : worker_b(argv, ends[0]);
            exit(code);
        }
    }
    close(ends[0]);
    close(ends[1]);
    while (wait(&result) > 0)
        failed |= result;
    return failed == 0 ? 0 : 1;
}
