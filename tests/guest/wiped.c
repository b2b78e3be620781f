/* Looks at each block that is freed while secrets pass through the library: none may still hold one. What the HTTP and
 * TLS libraries do with a password is not ours to say, so nothing here goes over the network; nor has a text here an
 * escape, which serde_json resolves in a buffer of its own. */

#include "../c/check.h"

#include <malloc.h>

static const char MARKER[] = "MARKER-secret";

static int armed;
static int found;

extern void __libc_free(void *block);

/* Stand before the C library's own. */
void free(void *block) {
    if (armed && block != NULL && memmem(block, malloc_usable_size(block), MARKER, sizeof MARKER - 1) != NULL)
        found++;
    __libc_free(block);
}

void *realloc(void *block, size_t size) {
    void *moved = malloc(size);
    if (moved != NULL && block != NULL) {
        size_t old = malloc_usable_size(block);
        memcpy(moved, block, old < size ? old : size);
        free(block);
    }
    return moved;
}

static void ask(int32_t expected, const char *name, int32_t (*call)(okta_auth_handle, const char *, size_t, okta_auth_buffer *),
                okta_auth_handle handle, const char *request) {
    okta_auth_buffer answer;
    found = 0;
    armed = 1;
    int32_t status = call(handle, request, strlen(request), &answer);
    int shown = strstr(answer.data, MARKER) != NULL;
    int before = found;
    okta_auth_buffer_free(&answer);
    armed = 0;
    if (before != 0 || found != 0)
        printf("%s %s: %d blocks, %d after its answer was freed (which %s)\n", name, request, before, found,
               shown ? "held it" : "did not hold it");
    CHECK_STATUS(expected, status);
}

int main(void) {
    /* The test of this test: an unwiped block is seen. */
    char *block = strdup(MARKER);
    armed = 1;
    free(block);
    armed = 0;
    CHECK(found == 1);

    okta_auth_handle handle = open_in_memory();
#define ASK_WIPED(expected, call, request) ask((expected), #call, (call), handle, (request))
    ASK_WIPED(204, okta_auth_configure, "{\"org_name\":\"acme\",\"api_token\":\"00MARKER-secret\"}");
    ASK_WIPED(200, okta_auth_read_config, "{}");
    ASK_WIPED(204, okta_auth_configure, "{\"org_name\":\"globex\"}");
    ASK_WIPED(200, okta_auth_create_token, "{\"id\":\"MARKER-secret-token\",\"policies\":[\"root\"]}");
    ASK_WIPED(200, okta_auth_lookup_token, "{\"token\":\"MARKER-secret-token\"}");
    ASK_WIPED(200, okta_auth_request,
              "{\"method\":\"GET\",\"path\":\"auth/token/lookup-self\",\"token\":\"MARKER-secret-token\"}");
    ASK_WIPED(400, okta_auth_login, "{\"username\":\"fred\",\"password\":[\"MARKER-secret\"]}");
    ASK_WIPED(400, okta_auth_login, "{\"username\":\"fred\",\"password\":\"MARKER-secret");
    ASK_WIPED(400, okta_auth_request,
              "{\"method\":\"POST\",\"path\":\"auth/okta/login/fred\",\"data\":{\"password\":[\"MARKER-secret\"]}}");
    ASK_WIPED(204, okta_auth_revoke_token, "{\"token\":\"MARKER-secret-token\"}");
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
