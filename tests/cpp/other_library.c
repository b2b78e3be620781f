/* Stands for a library that does not fit the header: one whose ABI number is lower, and which lacks the newer functions,
 * or with -DABI=1 one with other declarations. Bindings must notice before they call any. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef ABI
#define ABI 0
#endif

const char *okta_auth_version(void) {
    return "0.0.9";
}

uint32_t okta_auth_abi_version(void) {
    return ABI;
}

uint64_t okta_auth_header_checksum(void) {
    return 0;
}

void okta_auth_buffer_free(void *buffer) {
    (void)buffer;
}

int32_t okta_auth_open(const char *options, size_t length, void *handle, void *response) {
    (void)options, (void)length, (void)handle, (void)response;
    abort();
}

int32_t okta_auth_close(uint64_t handle) {
    (void)handle;
    abort();
}
