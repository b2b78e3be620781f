/* A PAM module: the password is asked for through PAM's conversation, Okta Verify's push follows, and the number to tap
 * is shown. Whatever is not a finished login is a refusal.
 *
 *     cc -fPIC -shared pam_okta_auth_demo.c -lokta_auth -lpam -o pam_okta_auth_demo.so
 *     auth required pam_okta_auth_demo.so /etc/security/okta_auth.json
 *
 * The argument is a file with the options of okta_auth_open(). The database that they name was configured before, for
 * example with `python -m okta_auth`. Both are root's alone. */

#define PAM_SM_AUTH
#include <okta_auth.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_TEXT = 512, PATIENCE = 120 /* seconds, for a tap */ };

/* The value of a member of a JSON object: found at its own level, never inside of a text or of another object. */
static const char *member(const char *object, const char *name) {
    int depth = 0;
    for (const char *at = object; *at; at++) {
        if (*at == '"') {
            const char *begin = ++at;
            for (; *at && *at != '"'; at++)
                if (*at == '\\' && at[1])
                    at++;
            size_t length = (size_t)(at - begin);
            if (*at && at[1] == ':' && depth == 1 && length == strlen(name) && memcmp(begin, name, length) == 0)
                return at + 2;
            if (!*at)
                break;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (--depth == 0)
                break;
        }
    }
    return "";
}

/* A text as JSON writes it, with its quotes; empty when it is longer than anything that can be right. */
static void quote(char *out, const char *text) {
    *out = '\0';
    if (strlen(text) > LONGEST_TEXT)
        return;
    *out++ = '"';
    for (; *text; text++) {
        if ((unsigned char)*text < ' ') {
            out += sprintf(out, "\\u%04x", (unsigned)*text);
        } else {
            if (*text == '"' || *text == '\\')
                *out++ = '\\';
            *out++ = *text;
        }
    }
    strcpy(out, "\"");
}

/* The text between the quotes of an id, a token or a code, which hold nothing that JSON escapes. */
static void unquote(char *out, size_t size, const char *json) {
    size_t length = *json == '"' ? strcspn(json + 1, "\"") : 0;
    snprintf(out, size, "%.*s", (int)length, length > 0 ? json + 1 : "");
}

/* Whoever is not let in learns no more than PAM's callers can tell apart. */
static int result(pam_handle_t *pam, int32_t status, const char *answer) {
    char code[64];
    if (status == 200)
        return PAM_SUCCESS;
    unquote(code, sizeof code, member(answer, "code"));
    pam_syslog(pam, LOG_NOTICE, "refused: %d %s", (int)status, code);
    if (status < 0 || status >= 500 || strcmp(code, "not_configured") == 0)
        return PAM_AUTHINFO_UNAVAIL;
    if (status == 429)
        return PAM_MAXTRIES;
    return strcmp(code, "password_expired") == 0 ? PAM_NEW_AUTHTOK_REQD : PAM_AUTH_ERR;
}

/* Says what the phone waits for, when that has changed. */
static void show(pam_handle_t *pam, const char *challenge, long *shown) {
    const char *number = member(challenge, "number");
    long now = strspn(number, "0123456789") > 0 ? strtol(number, NULL, 10) : -1;
    if (now == *shown)
        return;
    *shown = now;
    if (now >= 0)
        pam_info(pam, "In Okta Verify, tap %ld", now);
    else
        pam_info(pam, "Answer Okta Verify on your phone");
}

static int log_in(pam_handle_t *pam, okta_auth_handle handle, const char *user, const char *password) {
    char name[6 * LONGEST_TEXT + 3], secret[6 * LONGEST_TEXT + 3], request[2 * sizeof name], text[256];
    okta_auth_buffer answer;
    long shown = -2;
    quote(name, user);
    quote(secret, password);
    int length = snprintf(request, sizeof request, "{\"username\":%s,\"password\":%s,\"factor_type\":\"push\"}", name, secret);
    int32_t status = okta_auth_start_transaction(handle, request, (size_t)length, &answer);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(request, sizeof request);

    for (time_t start = time(NULL); status == 202;) {
        const char *data = member(answer.data, "data");
        long pause = strtol(member(data, "poll_after"), NULL, 10);
        unquote(text, sizeof text, member(data, "state"));
        int waiting = strcmp(text, "challenge") == 0 && time(NULL) - start < PATIENCE;
        if (waiting)
            show(pam, member(data, "challenge"), &shown);
        unquote(text, sizeof text, member(data, "id"));
        length = snprintf(request, sizeof request, "{\"id\":\"%s\"}", text);
        okta_auth_buffer_free(&answer);
        if (!waiting) { /* Nobody tapped; a password alone is no login. */
            okta_auth_cancel_transaction(handle, request, (size_t)length, NULL);
            pam_syslog(pam, LOG_NOTICE, "refused: no tap");
            return PAM_AUTH_ERR;
        }
        sleep(pause > 0 ? (unsigned)pause : 1);
        status = okta_auth_continue_transaction(handle, request, (size_t)length, &answer);
    }
    int answered = result(pam, status, answer.data);
    if (answered == PAM_SUCCESS) { /* Nobody here needs the token. */
        unquote(text, sizeof text, member(member(answer.data, "auth"), "client_token"));
        length = snprintf(request, sizeof request, "{\"token\":\"%s\"}", text);
        okta_auth_revoke_token(handle, request, (size_t)length, NULL);
        explicit_bzero(request, sizeof request);
        explicit_bzero(text, sizeof text);
    }
    okta_auth_buffer_free(&answer);
    return answered;
}

int pam_sm_authenticate(pam_handle_t *pam, int flags, int argc, const char **argv) {
    const char *user, *password;
    char options[4096];
    okta_auth_handle handle;
    okta_auth_buffer answer;
    (void)flags;
    if (pam_get_user(pam, &user, NULL) != PAM_SUCCESS || pam_get_authtok(pam, PAM_AUTHTOK, &password, NULL) != PAM_SUCCESS)
        return PAM_AUTH_ERR;
    FILE *file = argc == 1 ? fopen(argv[0], "r") : NULL;
    if (file == NULL)
        return PAM_AUTHINFO_UNAVAIL;
    size_t length = fread(options, 1, sizeof options, file);
    fclose(file);
    /* Opened for this login alone, so that no handle crosses a fork of the application. */
    int32_t status = okta_auth_open(options, length, &handle, &answer);
    int answered = status == 200 ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL;
    if (status != 200)
        result(pam, status, answer.data);
    okta_auth_buffer_free(&answer);
    if (answered == PAM_SUCCESS) {
        answered = log_in(pam, handle, user, password);
        okta_auth_close(handle);
    }
    return answered;
}

int pam_sm_setcred(pam_handle_t *pam, int flags, int argc, const char **argv) {
    (void)pam, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}
