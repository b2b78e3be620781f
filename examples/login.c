/* Logs fred in with a push that shows a number, and looks his token up.
 *
 *     cc login.c -lokta_auth -pthread -o login
 *     ./login https://acme.okta.com ca.pem okta.db api-token password */

#include <okta_auth.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NONCE "4b2e66d1f0a94c7e" /* A daemon makes a random one for each login. */

typedef int32_t operation(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
static okta_auth_handle handle;

/* Carries out an operation, prints the answer, and ends the program unless it is a success. */
static okta_auth_buffer ask(const char *what, operation *call, const char *request) {
    okta_auth_buffer answer;
    int32_t status = call(handle, request, strlen(request), &answer);
    printf("%-15s %d %s\n", what, (int)status, answer.data);
    if (status != 200 && status != 204)
        exit(1);
    return answer;
}

/* Waits beside the login until Okta has a number to tap. */
static void *show_number(void *unused) {
    okta_auth_buffer answer;
    int32_t status = 404;
    while (status == 404 && usleep(100000) == 0) {
        status = okta_auth_verify(handle, "{\"nonce\":\"" NONCE "\"}", strlen("{\"nonce\":\"" NONCE "\"}"), &answer);
        if (status == 200)
            printf("%-15s In Okta Verify, tap %ld\n", "verify", strtol(strstr(answer.data, "answer\":") + 8, NULL, 10));
        okta_auth_buffer_free(&answer);
    }
    return unused;
}

int main(int argc, char **argv) {
    char request[1000], token[200] = "";
    okta_auth_buffer answer;
    pthread_t number;
    if (argc != 6)
        return 2;
    snprintf(request, sizeof request, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s\"},\"ca_file\":\"%s\"}", argv[3], argv[2]);
    int32_t status = okta_auth_open(request, strlen(request), &handle, &answer);
    printf("%-15s %d %s\n", "open", (int)status, answer.data);
    okta_auth_buffer_free(&answer);
    if (status != 200)
        return 1;
    snprintf(request, sizeof request, "{\"org_url\":\"%s\",\"api_token\":\"%s\"}", argv[1], argv[4]);
    answer = ask("configure", okta_auth_configure, request);
    okta_auth_buffer_free(&answer);
    answer = ask("register_user", okta_auth_register_user, "{\"username\":\"fred\",\"policies\":[\"dev\"],\"groups\":[\"on-call\"]}");
    okta_auth_buffer_free(&answer);
    answer = ask("register_group", okta_auth_register_group, "{\"name\":\"on-call\",\"policies\":[\"ops\"]}");
    okta_auth_buffer_free(&answer);

    pthread_create(&number, NULL, show_number, NULL);
    snprintf(request, sizeof request, "{\"username\":\"fred\",\"password\":\"%s\",\"nonce\":\"" NONCE "\"}", argv[5]);
    answer = ask("login", okta_auth_login, request);
    sscanf(strstr(answer.data, "\"client_token\":\""), "\"client_token\":\"%199[^\"]", token);
    okta_auth_buffer_free(&answer);
    pthread_join(number, NULL);

    snprintf(request, sizeof request, "{\"token\":\"%s\"}", token);
    answer = ask("lookup_token", okta_auth_lookup_token, request);
    okta_auth_buffer_free(&answer);
    return okta_auth_close(handle) == 0 ? 0 : 1;
}
