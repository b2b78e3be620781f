/* The driver in C; tests/e2e/README.md says what it reads and prints. */

#include <okta_auth.h>

#include "../../c/operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static okta_auth_handle handle;
static okta_auth_ticket started;

static int32_t call(const char *name, const char *request, okta_auth_buffer *answer) {
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].call(handle, request, strlen(request), answer);
    fprintf(stderr, "there is no operation %s\n", name);
    exit(2);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        okta_auth_buffer answer = {NULL, 0};
        int32_t status = 0;
        char *rest = line;
        const char *command = strsep(&rest, "\t");
        if (strcmp(command, "open") == 0) {
            status = okta_auth_open(rest, strlen(rest), &handle, &answer);
        } else if (strcmp(command, "call") == 0) {
            const char *name = strsep(&rest, "\t");
            status = call(name, rest, &answer);
        } else if (strcmp(command, "start") == 0) {
            const char *name = strsep(&rest, "\t");
            status = okta_auth_submit(handle, name, rest, strlen(rest), &started, &answer) == 202 ? 0 : 1;
            okta_auth_buffer_free(&answer);
        } else if (strcmp(command, "cancel") == 0) {
            okta_auth_cancel(handle, started);
            status = okta_auth_wait(handle, started, -1, NULL);
        } else if (strcmp(command, "close") == 0) {
            status = okta_auth_close(handle);
        }
        printf("%d\t%s\n", (int)status, answer.data == NULL ? "" : answer.data);
        fflush(stdout);
        okta_auth_buffer_free(&answer);
    }
    free(line);
    return 0;
}
