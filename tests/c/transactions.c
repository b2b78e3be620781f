/* Logins as transactions: each factor, each state and what may not be said together.
 *
 * The arguments are the address of an Okta, the file with its certificate, and then the codes that the two TOTP
 * factors show. What its users are like stands in the test that starts this program. */

#include "check.h"

#include <sched.h>
#include <time.h>

enum { LONGEST_ID = 33, PUSHES = 5, OPEN_TRANSACTIONS = 20, PATIENCE_SECONDS = 60 };

/* The answer to a step, of which it is known what it should be. */
static void step(okta_auth_handle handle, const char *id, const char *member, int32_t expected, const char *part) {
    char request[500];
    snprintf(request, sizeof request, "{\"id\":\"%s\"%s%s}", id, *member ? "," : "", member);
    ASK(expected, part, handle, okta_auth_continue_transaction, request);
}

/* Starts a transaction and keeps its id; returns the status. */
static int32_t start(okta_auth_handle handle, const char *user, const char *member, char *id, const char *part) {
    char request[500];
    okta_auth_buffer answer;
    snprintf(request, sizeof request, "{\"username\":\"%s\",\"password\":\"correct horse\"%s%s}", user, *member ? "," : "", member);
    int32_t status = okta_auth_start_transaction(handle, request, strlen(request), &answer);
    const char *found = strstr(answer.data, "\"id\":\"");
    /* An open one lists its factors first. */
    const char *behind_factors = strstr(answer.data, "],\"id\":\"");
    if (behind_factors)
        found = behind_factors + 2;
    if (found)
        snprintf(id, LONGEST_ID, "%s", found + strlen("\"id\":\""));
    CHECK(status != 202 || strlen(id) == 32);
    check_body(&answer, part);
    return status;
}

typedef struct code {
    const char *user, *choice, *wrong, *right;
} code;

static void give_codes(okta_auth_handle handle, const char *okta_totp, const char *google_totp) {
    char right_okta[60], right_google[60], id[LONGEST_ID];
    snprintf(right_okta, sizeof right_okta, "\"passcode\":\" %s \"", okta_totp);
    snprintf(right_google, sizeof right_google, "\"passcode\":\"%s\"", google_totp);
    const code codes[] = {
        {"totp", "\"factor_type\":\"token:software:totp\",\"provider\":\"OKTA\"", "\"passcode\":\"000\"", right_okta},
        {"totp", "\"factor_type\":\"token:software:totp\",\"provider\":\"google\"", "\"passcode\":\"x23456\"", right_google},
        {"sms", "\"factor_type\":\"sms\"", "\"passcode\":\"111111\"", "\"passcode\":\"123456\""},
        {"call", "\"factor_type\":\"call\"", "\"passcode\":\"111111\"", "\"passcode\":\"123456\""},
        {"email", "\"factor_type\":\"email\"", "\"passcode\":\"111111\"", "\"passcode\":\"123456\""},
        {"question", "\"factor_id\":\"ufs1\"", "\"answer\":\"no\"", "\"answer\":\"Mrs Plum\""},
        {"yubikey", "\"factor_type\":\"token:hardware\",\"provider\":\"YUBICO\"", "\"passcode\":\"vvvvvv\"", "\"passcode\":\"cccccc\""},
        {"rsa", "\"factor_type\":\"token\",\"provider\":\"RSA\"", "\"passcode\":\"87654321\"", "\"passcode\":\"12345678\""},
        {"symantec", "\"factor_type\":\"token\",\"provider\":\"SYMANTEC\"", "\"passcode\":\"654321\"", "\"passcode\":\"123456\""},
        {"hotp", "\"factor_type\":\"token:hotp\",\"provider\":\"CUSTOM\"", "\"passcode\":\"654321\"", "\"passcode\":\"123456\""},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CHECK_STATUS(202, start(handle, codes[i].user, "", id, "\"state\":\"mfa_required\""));
        step(handle, id, codes[i].choice, 202, "\"state\":\"challenge\"");
        step(handle, id, "\"passcode\":\"1\",\"answer\":\"1\"", 400, "\"code\":\"invalid_request\"");
        step(handle, id, codes[i].wrong, 202, "\"code\":\"passcode_invalid\"");
        step(handle, id, codes[i].right, 200, "\"client_token\":\"hvs.");
        step(handle, id, "", 404, "\"code\":\"not_found\"");
    }
}

/* All wait at once, on one thread. */
static void wait_for_pushes(okta_auth_handle handle) {
    static const struct {
        const char *user, *challenge;
        int32_t status;
        const char *part;
    } pushes[PUSHES] = {
        {"approved", "\"type\":\"push\"", 200, "\"state\":\"done\""},
        {"number", "\"number\":0,", 200, "\"client_token\""},
        {"rejected", "\"type\":\"push\"", 400, "\"code\":\"push_rejected\""},
        {"late", "\"type\":\"push\"", 400, "\"code\":\"challenge_timeout\""},
        {"odd", "\"type\":\"push\"", 400, "\"state\":\"failed\""},
    };
    char ids[PUSHES][LONGEST_ID], request[100];
    int done[PUSHES] = {0}, left = PUSHES;
    for (int i = 0; i < PUSHES; i++)
        CHECK_STATUS(202, start(handle, pushes[i].user, "\"factor_id\":\"opf1\"", ids[i], pushes[i].challenge));
    time_t end = time(NULL) + PATIENCE_SECONDS;
    while (left > 0) {
        CHECK(time(NULL) < end);
        for (int i = 0; i < PUSHES; i++) {
            okta_auth_buffer answer;
            if (done[i])
                continue;
            snprintf(request, sizeof request, "{\"id\":\"%s\"}", ids[i]);
            int32_t status = okta_auth_continue_transaction(handle, request, strlen(request), &answer);
            if (status != 202) {
                if (status != pushes[i].status)
                    fprintf(stderr, "%s: %s\n", pushes[i].user, answer.data);
                CHECK_STATUS(pushes[i].status, status);
                done[i] = 1;
                left--;
            }
            check_body(&answer, status == 202 ? pushes[i].challenge : pushes[i].part);
        }
        /* Sooner than "poll_after" it gets the last state back, and Okta hears nothing of it. */
        sched_yield();
    }
    for (int i = 0; i < PUSHES; i++)
        step(handle, ids[i], "", 404, "\"errors\"");
}

static void meet_states(okta_auth_handle handle) {
    char id[LONGEST_ID];
    static const struct {
        const char *user;
        int32_t status;
        const char *part;
    } states[] = {
        {"nobody", 400, "\"code\":\"invalid_credentials\""},
        {"expired", 400, "\"password_policy\":{"},
        {"enrolment", 400, "\"enrollable\":[{"},
        {"locked", 400, "\"code\":\"invalid_credentials\""},
        {"warned", 200, "\"days_left\":5"},
        {"plain", 200, "\"client_token\""},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        CHECK_STATUS(states[i].status, start(handle, states[i].user, "", id, states[i].part));
        step(handle, id, "", 404, "not_found");
    }
    CHECK_STATUS(202, start(handle, "browser", "\"factor_id\":\"fwf1\"", id, "\"supported\":false"));
    step(handle, id, "\"factor_id\":\"fwf1\"", 400, "\"code\":\"factor_unavailable\"");
    step(handle, id, "\"passcode\":\"123456\"", 400, "\"code\":\"factor_required\"");
    step(handle, id, "\"resend\":true", 400, "\"state\":\"mfa_required\"");
}

static void keep_the_rails(okta_auth_handle handle) {
    char id[LONGEST_ID], request[200];
    CHECK_STATUS(202, start(handle, "wrong", "\"factor_type\":\"token\"", id, "\"attempts_left\":3"));
    step(handle, id, "\"passcode\":\"1\"", 202, "\"attempts_left\":2");
    step(handle, id, "\"passcode\":\"1\"", 202, "\"attempts_left\":1");
    step(handle, id, "\"passcode\":\"1\"", 400, "\"code\":\"too_many_attempts\"");
    CHECK_STATUS(202, start(handle, "resent", "\"factor_type\":\"sms\"", id, "\"type\":\"passcode\""));
    step(handle, id, "\"resend\":true", 429, "\"retry_after\":");
    snprintf(request, sizeof request, "{\"id\":\"%s\"}", id);
    ASK(204, "", handle, okta_auth_cancel_transaction, request);
    ASK(404, "not_found", handle, okta_auth_cancel_transaction, request);
    step(handle, id, "", 404, "not_found");
    ASK(400, "invalid_request", handle, okta_auth_cancel_transaction, "{}");
    for (int i = 0; i < OPEN_TRANSACTIONS; i++)
        CHECK_STATUS(202, start(handle, "busy", "", id, "mfa_required"));
    CHECK_STATUS(429, start(handle, "busy", "\"factor_type\":\"sms\"", id, "\"code\":\"limit_reached\""));
    step(handle, id, "", 404, "not_found");
}

/* The last thing that happens: from here on logins come from one network only. */
static void bind_addresses(okta_auth_handle handle) {
    char id[LONGEST_ID];
    const char *inside = "\"remote_address\":\"10.1.2.3\"", *outside = "\"remote_address\":\"192.0.2.1\"";
    ASK(204, "", handle, okta_auth_configure, "{\"token_bound_cidrs\":\"10.0.0.0/8\"}");
    CHECK_STATUS(403, start(handle, "question", outside, id, "permission_denied"));
    CHECK_STATUS(202, start(handle, "question", inside, id, "mfa_required"));
    step(handle, id, "", 403, "permission_denied");
    step(handle, id, outside, 403, "permission_denied");
    step(handle, id, inside, 202, "mfa_required");
}

/* Submitted, too, a start with a choice makes two calls after each other. */
static void submit_one(okta_auth_handle handle) {
    const char *request = "{\"username\":\"question\",\"password\":\"correct horse\",\"factor_type\":\"question\"}";
    okta_auth_ticket ticket;
    okta_auth_buffer answer;
    CHECK_STATUS(202, okta_auth_submit(handle, "start_transaction", request, strlen(request), &ticket, &answer));
    okta_auth_buffer_free(&answer);
    CHECK_STATUS(202, okta_auth_wait(handle, ticket, -1, &answer));
    check_body(&answer, "\"question\":\"Who was your first teacher?\"");
}

int main(int argc, char **argv) {
    char request[500];
    okta_auth_handle handle = 0;
    okta_auth_buffer body;
    CHECK(argc == 5);
    snprintf(request, sizeof request, "{\"ca_file\":\"%s\"}", argv[2]);
    CHECK_STATUS(200, okta_auth_open(request, strlen(request), &handle, &body));
    check_body(&body, "");
    snprintf(request, sizeof request, "{\"org_url\":\"%s\"}", argv[1]);
    ASK(204, "", handle, okta_auth_configure, request);
    give_codes(handle, argv[3], argv[4]);
    meet_states(handle);
    keep_the_rails(handle);
    submit_one(handle);
    wait_for_pushes(handle);
    bind_addresses(handle);
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
