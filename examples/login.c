/* Logs fred in with a push that shows a number. No call waits for fred: this could do anything else meanwhile.
 *     cc login.c $(pkg-config --cflags --libs okta_auth) -o login */
#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static okta_auth_handle handle;
static okta_auth_buffer answer;
static int32_t ask(int32_t call(okta_auth_handle, const char *, size_t, okta_auth_buffer *), const char *request) {
    okta_auth_buffer_free(&answer);
    return call(handle, request, strlen(request), &answer);
}
/* The value of a member that is always there; a daemon has a JSON library for that, and for writing requests. */
static const char *after(const char *name) { return strstr(answer.data, name) + strlen(name); }

int main(int argc, char **argv) {
    char request[1000];
    long shown = -1;
    if (argc != 6)
        return fprintf(stderr, "usage: login ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD\n"), 2;
    snprintf(request, sizeof request, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s\"},\"ca_file\":\"%s\"}", argv[3], argv[2]);
    int32_t status = okta_auth_open(request, strlen(request), &handle, &answer);
    snprintf(request, sizeof request, "{\"org_url\":\"%s\",\"api_token\":\"%s\"}", argv[1], argv[4]);
    if (status != 200 || ask(okta_auth_configure, request) != 204)
        return fprintf(stderr, "%s\n", answer.data), 1;
    ask(okta_auth_register_user, "{\"username\":\"fred\",\"policies\":[\"dev\",\"ops\"]}");
    snprintf(request, sizeof request, "{\"username\":\"fred\",\"password\":\"%s\",\"factor_type\":\"push\"}", argv[5]);
    for (status = ask(okta_auth_start_transaction, request); status == 202; status = ask(okta_auth_continue_transaction, request)) {
        if (strncmp(after("\"number\":"), "null", 4) != 0 && shown != strtol(after("\"number\":"), NULL, 10))
            printf("In Okta Verify, tap %ld\n", shown = strtol(after("\"number\":"), NULL, 10));
        sleep((unsigned)strtol(after("\"poll_after\":"), NULL, 10));
        snprintf(request, sizeof request, "{\"id\":\"%.32s\"}", after("],\"id\":\""));
    }
    const char *said = after(status == 200 ? "\"token_policies\":" : "\"errors\":");
    printf("%d %.*s\n", (int)status, (int)strcspn(said, "]") + 1, said);
    return okta_auth_close(handle) == 0 && status == 200 ? 0 : 1;
}
