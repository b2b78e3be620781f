/* What a process finds changed by the library: threads, descriptors, and nothing else. */

#include "guest.h"

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

enum { DESCRIPTORS = 256 };

/* Everything of a process that a library might change. */
typedef struct state {
    void (*handlers[NSIG])(int);
    int flags[NSIG];
    int blocked[NSIG];
    mode_t umask;
    char folder[1000];
    char locale[1000];
    int descriptors[DESCRIPTORS];
} state;

static mode_t read_umask(void) {
    mode_t now = umask(0);
    umask(now);
    return now;
}

static void take(state *now) {
    memset(now, 0, sizeof *now);
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0)
            continue; /* The C library keeps two for itself. */
        now->handlers[number] = action.sa_handler;
        now->flags[number] = action.sa_flags;
        now->blocked[number] = sigismember(&mask, number);
    }
    now->umask = read_umask();
    CHECK(getcwd(now->folder, sizeof now->folder) != NULL);
    snprintf(now->locale, sizeof now->locale, "%s", setlocale(LC_ALL, NULL));
    for (int number = 0; number < DESCRIPTORS; number++)
        now->descriptors[number] = fcntl(number, F_GETFD) != -1;
}

static int differ(const state *one, const state *other) {
    return memcmp(one, other, offsetof(state, descriptors)) != 0;
}

/* A line of a thread's /proc/…/status. */
static unsigned long long field_of(const char *thread, const char *name) {
    char path[300], line[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
    FILE *file = fopen(path, "r");
    unsigned long long value = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoull(line + strlen(name), NULL, 16);
    if (file != NULL)
        fclose(file);
    return value;
}

/* These signals as they stand in a mask. */
static unsigned long long bits(const int *signals, size_t count) {
    unsigned long long mask = 0;
    while (count-- > 0)
        mask |= 1ULL << (signals[count] - 1);
    return mask;
}

/* How many threads of its own the library has; each is checked. */
static int own_threads(void) {
    static const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGPIPE, SIGWINCH, SIGIO, SIGURG, SIGTSTP};
    static const int open[] = {SIGPROF, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    int count = 0, all = 0;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        char path[300], name[100] = "";
        if (task->d_name[0] == '.' || atoi(task->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            continue;
        int read = fgets(name, sizeof name, file) != NULL;
        fclose(file);
        if (!read)
            continue;
        all++;
        if (strncmp(name, "okta_auth-", 10) != 0)
            fprintf(stderr, "a thread is called %s", name);
        else
            count++;
        /* The C library starts a thread with all signals blocked, and ends it so. */
        unsigned long long mask;
        WAIT_UNTIL((mask = field_of(task->d_name, "SigBlk:")) == 0 || (mask & bits(open, sizeof open / sizeof *open)) == 0);
        unsigned long long must = bits(blocked, sizeof blocked / sizeof *blocked);
        CHECK(mask == 0 /* It ended meanwhile. */ || (mask & must) == must);
    }
    closedir(tasks);
    CHECK(count == all);
    return count;
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    state before, inside, after;
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    umask(0027);
    take(&before);

    okta_auth_handle handle = open_with(&linked, &given);
    CHECK(own_threads() == 0);
    log_in_with(&linked, handle);
    /* Two answers die with their connections: a write that meets it raises no SIGPIPE. */
    CHECK(okta_auth_login(handle, LOGIN, strlen(LOGIN), NULL) != 200);
    CHECK(okta_auth_login(handle, LOGIN, strlen(LOGIN), NULL) != 200);
    log_in_with(&linked, handle);
    int threads = own_threads();
    CHECK(threads >= 1 && threads <= 2);
    take(&inside);
    CHECK(!differ(&before, &inside));
    for (int number = 0; number < DESCRIPTORS; number++)
        if (inside.descriptors[number] && !before.descriptors[number])
            CHECK(fcntl(number, F_GETFD) & FD_CLOEXEC);

    CHECK_STATUS(0, okta_auth_close(handle));
    WAIT_UNTIL(own_threads() == 0);
    WAIT_UNTIL((take(&after), memcmp(before.descriptors, after.descriptors, sizeof before.descriptors) == 0));
    CHECK(!differ(&before, &after));
    return 0;
}
