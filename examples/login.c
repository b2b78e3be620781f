/* Logs fred in with a push that shows a number, and looks his token up. No call waits for fred: the program asks from
 * time to time how his login stands, and could do anything else meanwhile.
 *
 *     cc login.c $(pkg-config --cflags --libs okta_auth) -o login
 *     ./login https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD
 *
 * Members are found by their names alone here; a daemon uses its JSON library. */

#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int32_t operation(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
static okta_auth_handle handle;
static char body[10000];

/* Prints how an operation ended and the beginning of its answer, which is kept in `body`. */
static int32_t show(const char *what, int32_t status, okta_auth_buffer *answer) {
    snprintf(body, sizeof body, "%s", answer->data);
    printf("%-20s %d%s%.90s%s\n", what, (int)status, answer->len ? " " : "", body, answer->len > 90 ? "..." : "");
    okta_auth_buffer_free(answer);
    return status;
}

static int32_t ask(const char *what, operation *call, const char *request) {
    okta_auth_buffer answer;
    int32_t status = call(handle, request, strlen(request), &answer);
    return show(what, status, &answer);
}

/* What follows `before` in `body`; nothing when it is not there. */
static const char *after(const char *before) {
    const char *found = strstr(body, before);
    return found ? found + strlen(before) : "";
}

int main(int argc, char **argv) {
    char request[1000], id[33] = "", token[200] = "";
    okta_auth_buffer answer;
    if (argc != 6)
        return fprintf(stderr, "usage: login ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD\n"), 2;
    snprintf(request, sizeof request, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s\"},\"ca_file\":\"%s\"}", argv[3], argv[2]);
    int32_t status = okta_auth_open(request, strlen(request), &handle, &answer);
    if (show("open", status, &answer) != 200)
        return 1;
    snprintf(request, sizeof request, "{\"org_url\":\"%s\",\"api_token\":\"%s\"}", argv[1], argv[4]);
    ask("configure", okta_auth_configure, request);
    ask("register_user", okta_auth_register_user, "{\"username\":\"fred\",\"policies\":[\"dev\"],\"groups\":[\"on-call\"]}");
    ask("register_group", okta_auth_register_group, "{\"name\":\"on-call\",\"policies\":[\"ops\"]}");

    snprintf(request, sizeof request, "{\"username\":\"fred\",\"password\":\"%s\",\"factor_type\":\"push\"}", argv[5]);
    status = ask("start_transaction", okta_auth_start_transaction, request);
    while (status == 202) {
        if (strspn(after("\"number\":"), "0123456789") > 0)
            printf("%-20s In Okta Verify, tap %ld\n", "", strtol(after("\"number\":"), NULL, 10));
        sleep((unsigned)strtol(after("\"poll_after\":"), NULL, 10));
        sscanf(after("],\"id\":\""), "%32[^\"]", id); /* The id behind the list of factors is the transaction's. */
        snprintf(request, sizeof request, "{\"id\":\"%s\"}", id);
        status = ask("continue_transaction", okta_auth_continue_transaction, request);
    }
    if (status == 200) {
        sscanf(after("\"client_token\":\""), "%199[^\"]", token);
        snprintf(request, sizeof request, "{\"token\":\"%s\"}", token);
        status = ask("lookup_token", okta_auth_lookup_token, request);
        printf("%-20s The token lives %ld seconds and has the policies %.*s\n", "", strtol(after("\"ttl\":"), NULL, 10),
               (int)strcspn(after("\"policies\":["), "]"), after("\"policies\":["));
    }
    return okta_auth_close(handle) == 0 && status == 200 ? 0 : 1;
}
