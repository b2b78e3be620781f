/* A child process is told that a handle is its parent's, and can open its own. */

#include "check.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void inherited_handles_are_refused(okta_auth_handle inherited) {
    okta_auth_buffer body;
    CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_list_users(inherited, NULL, 0, &body));
    check_body(&body, "\"code\":\"forked\"");
    CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_request(inherited, "{}", 2, NULL));
    CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_set_logger(inherited, OKTA_AUTH_LOG_OFF, NULL, NULL));
    CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_close(inherited));
}

static void wait_for(pid_t child) {
    int status = 0;
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A fork that runs no handlers of pthread_atfork leaves SQLite open in the child, where it must not be touched. */
static void no_database_is_opened_after_a_fork_without_handlers(void) {
    char folder[] = "fork.XXXXXX", options[200];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(options, sizeof options, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s/okta.db\"}}", folder);
    okta_auth_handle parents;
    CHECK_STATUS(200, okta_auth_open(options, strlen(options), &parents, NULL));

    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        okta_auth_handle opened = 1;
        okta_auth_buffer body;
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_list_users(parents, NULL, 0, NULL));
        CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_open(options, strlen(options), &opened, &body));
        check_body(&body, "\"code\":\"forked\"");
        CHECK(opened == 0);
        CHECK_STATUS(0, okta_auth_close(open_in_memory()));
        _exit(0);
    }
    wait_for(child);
    CHECK_STATUS(404, okta_auth_list_users(parents, NULL, 0, NULL));
    CHECK_STATUS(0, okta_auth_close(parents));
}

int main(void) {
    no_database_is_opened_after_a_fork_without_handlers();
    okta_auth_handle parents = open_in_memory();
    okta_auth_buffer kept;
    CHECK(okta_auth_list_users(parents, NULL, 0, &kept) == 404);

    pid_t child = fork();
    if (child == 0) {
        inherited_handles_are_refused(parents);
        okta_auth_handle childs = open_in_memory();
        CHECK(childs != parents);
        inherited_handles_are_refused(parents);
        /* A buffer is memory like any other. */
        check_body(&kept, "errors");

        pid_t grandchild = fork();
        if (grandchild == 0) {
            inherited_handles_are_refused(parents);
            inherited_handles_are_refused(childs);
            CHECK_STATUS(0, okta_auth_close(open_in_memory()));
            _exit(0);
        }
        wait_for(grandchild);
        CHECK_STATUS(404, okta_auth_list_users(childs, NULL, 0, NULL));
        CHECK_STATUS(0, okta_auth_close(childs));
        CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_close(childs));
        _exit(0);
    }
    wait_for(child);
    check_body(&kept, "errors");
    CHECK_STATUS(404, okta_auth_list_users(parents, NULL, 0, NULL));
    CHECK_STATUS(0, okta_auth_close(parents));
    return 0;
}
