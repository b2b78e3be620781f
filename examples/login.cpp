// Logs fred in with a push that shows a number, and looks his token up.
//
//     c++ -std=c++17 login.cpp $(pkg-config --cflags --libs okta_auth) -o login
//     ./login https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD

#include <okta_auth.hpp>

#include <iostream>
#include <string>
#include <unistd.h>

using okta_auth::answer;

static std::string data(const answer &from, std::string_view name) {
    return std::string(answer::member_of(from.member("data"), name));
}

int main(int argc, char **argv) try {
    if (argc != 6)
        return std::cerr << "usage: login ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD\n", 2;
    const std::string url = argv[1], ca_file = argv[2], database = argv[3], api_token = argv[4], password = argv[5];
    okta_auth::client client(R"({"storage":{"type":"sqlite","path":")" + database + R"("},"ca_file":")" + ca_file + "\"}");
    client.configure(R"({"org_url":")" + url + R"(","api_token":")" + api_token + "\"}");
    client.register_user(R"({"username":"fred","policies":["dev"],"groups":["on-call"]})");
    client.register_group(R"({"name":"on-call","policies":["ops"]})");
    answer step = client.start_transaction(R"({"username":"fred","factor_type":"push","password":")" + password + "\"}");
    while (step.open()) {
        const std::string challenge = data(step, "challenge");
        std::cout << "In Okta Verify, tap " << answer::member_of(challenge, "number") << std::endl;
        sleep(static_cast<unsigned>(std::stoul(data(step, "poll_after"))));
        step = client.continue_transaction("{\"id\":" + data(step, "id") + "}");
    }
    const std::string token(answer::member_of(step.member("auth"), "client_token"));
    const answer found = client.lookup_token("{\"token\":" + token + "}");
    std::cout << data(found, "display_name") << " has the policies " << data(found, "policies") << '\n';
} catch (const okta_auth::error &refused) {
    std::cerr << "no: " << refused.what() << '\n';
    return 1;
}
