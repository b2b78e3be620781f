/* Nanoseconds of a look-up by C: the best of several rounds, as machines are noisy. Argument: calls in a round. */

#include <okta_auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 20

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv) {
    const char user[] = "{\"username\":\"fred\",\"policies\":[\"dev\"]}", read[] = "{\"username\":\"fred\"}";
    const int calls = argc == 2 ? atoi(argv[1]) : 0;
    okta_auth_handle handle;
    okta_auth_buffer answer;
    double best = 1e18;
    if (okta_auth_open(NULL, 0, &handle, NULL) != 200 || okta_auth_register_user(handle, user, sizeof user - 1, NULL) != 204)
        return 1;
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now(), each;
        for (int call = 0; call < calls; call++) {
            if (okta_auth_read_user(handle, read, sizeof read - 1, &answer) != 200)
                return 1;
            okta_auth_buffer_free(&answer);
        }
        each = (now() - begin) / calls;
        if (each < best)
            best = each;
    }
    printf("%.0f\n", best);
    return okta_auth_close(handle) == 0 ? 0 : 1;
}
