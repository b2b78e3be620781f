/* Prints each variable of the environment that the library asks for. */

#include "guest.h"

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

extern char **environ;

static const char *asked[100];
static int asked_count;

/* Stands before the C library's own. */
char *getenv(const char *name) {
    int known = 0;
    for (int i = 0; i < asked_count; i++)
        known |= strcmp(asked[i], name) == 0;
    if (!known && asked_count < 100)
        asked[asked_count++] = strdup(name);
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
        if (strncmp(*entry, name, strlen(name)) == 0 && (*entry)[strlen(name)] == '=')
            return *entry + strlen(name) + 1;
    return NULL;
}

char *secure_getenv(const char *name) {
    return getenv(name);
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    okta_auth_handle handle = open_with(&linked, &given);
    log_in_with(&linked, handle);
    CHECK_STATUS(0, okta_auth_close(handle));
    for (int i = 0; i < asked_count; i++)
        printf("%s\n", asked[i]);
    return 0;
}
