/* The library beside another SQLite and another OpenSSL in one process: each keeps to its own. */

#include "guest.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sqlite3.h>
#include <sys/socket.h>

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

static int count_rows(void *count, int columns, char **values, char **names) {
    (void)columns, (void)names;
    *(int *)count = atoi(values[0]);
    return 0;
}

static void execute(sqlite3 *database, const char *statement, int *count) {
    char *error = NULL;
    if (sqlite3_exec(database, statement, count == NULL ? NULL : count_rows, count, &error) != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", statement, error);
    CHECK(error == NULL);
}

/* Shakes hands with the Okta of the arguments. */
static void shake_hands(SSL_CTX *context, const char *url) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
    SSL *tls = SSL_new(context);
    CHECK(SSL_set_fd(tls, connection) == 1);
    CHECK(SSL_connect(tls) == 1);
    SSL_free(tls);
    close(connection);
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    sqlite3 *database;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    CHECK(context != NULL && SSL_CTX_load_verify_locations(context, given.ca_file, NULL) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    /* A setting of the neighbour's that would break the library if the two were one. */
    CHECK(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
    CHECK(sqlite3_open("neighbour.db", &database) == SQLITE_OK);
    execute(database, "CREATE TABLE t (x)", NULL);

    okta_auth_handle handle = open_with(&linked, &given);
    for (int number = 1; number <= 20; number++) {
        int rows = 0;
        execute(database, "INSERT INTO t VALUES (1)", NULL);
        log_in_with(&linked, handle);
        shake_hands(context, given.url);
        execute(database, "SELECT count(*) FROM t", &rows);
        CHECK(rows == number);
    }
    CHECK_STATUS(0, okta_auth_close(handle));
    CHECK(sqlite3_close(database) == SQLITE_OK);
    SSL_CTX_free(context);
    /* What is used here is the neighbours', not ours. */
    CHECK(strcmp(sqlite3_libversion(), SQLITE_VERSION) == 0);
    CHECK(OpenSSL_version_num() >> 28 == OPENSSL_VERSION_NUMBER >> 28);
    return 0;
}
