// The block of C of docs/policies.md, for two printers. The argument is the request that writes its policy.

#include <okta_auth.h>
#include <stdio.h>
#include <string.h>

#include BLOCK

int main(int count, char **arguments) {
    okta_auth_handle handle;
    okta_auth_buffer answer;
    if (count != 2 || okta_auth_open(NULL, 0, &handle, &answer) != 200)
        return 1;
    okta_auth_buffer_free(&answer);
    if (okta_auth_create_or_update_acl_policy(handle, arguments[1], strlen(arguments[1]), &answer) != 204)
        return 2;
    okta_auth_buffer_free(&answer);
    const char wish[] = "{\"policies\":[\"printing\"]}", name[] = "\"client_token\":\"";
    char token[200];
    if (okta_auth_create_token(handle, wish, sizeof wish - 1, &answer) != 200)
        return 3;
    const char *found = strstr(answer.data, name);
    if (found == NULL || sscanf(found + sizeof name - 1, "%199[^\"]", token) != 1)
        return 4;
    okta_auth_buffer_free(&answer);
    printf("3: %s, ", may_print(handle, token, "3", "192.0.2.7") ? "yes" : "no");
    printf("secret: %s\n", may_print(handle, token, "secret", "192.0.2.7") ? "yes" : "no");
    if (may_print(handle, token, "3\",\"path\":\"printers/3", "192.0.2.7"))
        return 5;
    okta_auth_close(handle);
    return 0;
}
