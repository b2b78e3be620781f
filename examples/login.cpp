// Logs fred in with a push that shows a number, and looks his token up.
//
//     c++ -std=c++17 login.cpp $(pkg-config --cflags --libs okta_auth) -o login
//     ./login https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD

#include <okta_auth.hpp>

#include <iostream>

using okta_auth::answer;
using okta_auth::quoted;

int main(int argc, char **argv) try {
    if (argc != 6)
        return std::cerr << "usage: login ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD\n", 2;
    const okta_auth::client client(R"({"storage":{"type":"sqlite","path":)" + quoted(argv[3]) + R"(},"ca_file":)" + quoted(argv[2]) + "}");
    client.configure(R"({"org_url":)" + quoted(argv[1]) + R"(,"api_token":)" + quoted(argv[4]) + "}");
    client.register_user(R"({"username":"fred","policies":["dev"],"groups":["on-call"]})");
    client.register_group(R"({"name":"on-call","policies":["ops"]})");
    const answer login = client.login_with_push("fred", argv[5], [](const okta_auth::challenge &challenge) {
        if (challenge.number)
            std::cout << "In Okta Verify, tap " << *challenge.number << std::endl;
    });
    const std::string token(answer::member_of(login.member("auth"), "client_token"));
    const answer found = client.lookup_token("{\"token\":" + token + "}");
    const std::string_view data = found.member("data");
    std::cout << answer::member_of(data, "display_name") << " has the policies " << answer::member_of(data, "policies") << '\n';
} catch (const okta_auth::error &refused) {
    std::cerr << "no: " << refused.what() << '\n';
    return 1;
}
