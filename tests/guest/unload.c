/* Loads the library, uses it, unloads it and exits, in as many processes as the fifth argument says. The fourth is
 * the library; this program is not linked with it. */

#include "guest.h"

#include <dlfcn.h>
#include <sys/wait.h>

#define FUNCTION(name) *(void **)&library.name = dlsym(loaded, "okta_auth_" #name)

static int use(const arguments *given, const char *path, int number) {
    functions library;
    void *loaded = dlopen(path, RTLD_NOW | (number % 2 ? RTLD_LOCAL : RTLD_GLOBAL));
    if (loaded == NULL)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(loaded != NULL);
    FUNCTION(open);
    FUNCTION(close);
    FUNCTION(configure);
    FUNCTION(login);
    FUNCTION(buffer_free);
    okta_auth_handle handle = open_with(&library, given);
    /* With a thread of the library, and with none. */
    if (number % 4 < 2)
        log_in_with(&library, handle);
    /* With a handle left open, and with none. */
    if (number % 3 != 0)
        CHECK_STATUS(0, library.close(handle));
    CHECK(dlclose(loaded) == 0);
    return 0;
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    CHECK(argc == 6);
    int processes = atoi(argv[5]);
    for (int number = 0; number < processes; number++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            exit(use(&given, argv[4], number));
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fprintf(stderr, "process %d ended with status %x\n", number, (unsigned)status);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return 0;
}
