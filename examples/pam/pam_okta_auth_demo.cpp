// A PAM module: asks for the password through PAM's conversation, and shows the number to tap in Okta Verify.
//     c++ -std=c++17 -fPIC -shared pam_okta_auth_demo.cpp -lokta_auth -lpam -o pam_okta_auth_demo.so
//     auth required pam_okta_auth_demo.so /etc/security/okta_auth.json 120
// The arguments are a file with the options of okta_auth_open(), root's alone like the database in it, and for how many
// seconds a tap is waited for. The database is configured before, for example with `python -m okta_auth`.

#include <okta_auth.hpp>

#include <fstream>
#include <iterator>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <syslog.h>

extern "C" int pam_sm_authenticate(pam_handle_t *pam, int, int argc, const char **argv) try {
    const char *user, *password;
    if (argc != 2 || pam_get_user(pam, &user, nullptr) != PAM_SUCCESS || pam_get_authtok(pam, PAM_AUTHTOK, &password, nullptr) != PAM_SUCCESS)
        return PAM_AUTH_ERR;
    std::ifstream file(argv[0]);
    const std::string options(std::istreambuf_iterator<char>(file), {});
    // Opened for this login alone, so that no handle crosses a fork of the application.
    const auto client = okta_auth::client::open(options);
    if (!client)
        return pam_syslog(pam, LOG_ERR, "%s", client.error().what()), PAM_AUTHINFO_UNAVAIL;
    const auto show = [pam](const okta_auth::challenge &challenge) {
        challenge.number ? pam_info(pam, "In Okta Verify, tap %d", *challenge.number) : pam_info(pam, "Answer Okta Verify on your phone");
    };
    const auto done = client->login_with_push(user, password, show, std::chrono::seconds(std::stoi(argv[1])));
    client->revoke_token("{\"token\":" + std::string(okta_auth::answer::member_of(done.member("auth"), "client_token")) + "}"); // Not needed here.
    return PAM_SUCCESS;
} catch (const okta_auth::error &refused) {
    pam_syslog(pam, LOG_NOTICE, "refused: %d %s", refused.status(), refused.code().c_str());
    const bool unavailable = refused.status() < 0 || refused.status() >= 500 || refused.code() == "not_configured";
    return unavailable ? PAM_AUTHINFO_UNAVAIL : refused.status() == 429 ? PAM_MAXTRIES : PAM_AUTH_ERR;
} catch (const std::exception &) {
    return PAM_AUTHINFO_UNAVAIL;
}

extern "C" int pam_sm_setcred(pam_handle_t *, int, int, const char **) { return PAM_SUCCESS; }
