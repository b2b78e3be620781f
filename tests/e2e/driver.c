/* Carries out scenarios in C; README.md has the lines that come and go. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t operation(okta_auth_handle, const char *, size_t, okta_auth_buffer *);

static void answer(int32_t status, okta_auth_buffer *body) {
    if (status == OKTA_AUTH_CANCELLED)
        printf("cancelled\n");
    else
        printf("%d\t%s\n", (int)status, body->data);
    okta_auth_buffer_free(body);
}

static operation *named(const char *name) {
    char symbol[100];
    snprintf(symbol, sizeof symbol, "okta_auth_%s", name);
    /* The way that C has from a text to a function. */
    operation *function;
    *(void **)&function = dlsym(RTLD_DEFAULT, symbol);
    return function;
}

int main(void) {
    okta_auth_handle handle = 0;
    okta_auth_ticket ticket = 0;
    char *line = NULL;
    size_t room = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (getline(&line, &room, stdin) > 0) {
        char *rest = line, *parts[3];
        okta_auth_buffer body;
        line[strcspn(line, "\n")] = 0;
        for (int part = 0; part < 3; part++)
            if (!(parts[part] = strsep(&rest, "\t")))
                parts[part] = "";
        if (!strcmp(parts[0], "open")) {
            answer(okta_auth_open(parts[1], strlen(parts[1]), &handle, &body), &body);
        } else if (!strcmp(parts[0], "call")) {
            operation *function = named(parts[1]);
            if (!function)
                return 1;
            answer(function(handle, parts[2], strlen(parts[2]), &body), &body);
        } else if (!strcmp(parts[0], "begin")) {
            int32_t status = okta_auth_submit(handle, parts[1], parts[2], strlen(parts[2]), &ticket, &body);
            answer(status == 202 ? 0 : status, &body);
        } else if (!strcmp(parts[0], "end")) {
            answer(okta_auth_wait(handle, ticket, -1, &body), &body);
        } else if (!strcmp(parts[0], "cancel")) {
            printf("%d\t\n", (int)okta_auth_cancel(handle, ticket));
        } else if (!strcmp(parts[0], "close")) {
            printf("%d\t\n", (int)okta_auth_close(handle));
        } else {
            return 1;
        }
    }
    free(line);
    return 0;
}
