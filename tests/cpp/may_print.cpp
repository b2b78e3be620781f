// The block of C++ of docs/policies.md, for two printers. The argument is the request that writes its policy.

#include <okta_auth.hpp>

#include <iostream>

#include BLOCK

int main(int, char **arguments) {
    using okta_auth::answer;
    const okta_auth::client client;
    client.create_or_update_acl_policy(arguments[1]);
    const answer made = client.create_token(R"({"policies":["printing"]})");
    const std::string token = okta_auth::unquoted(answer::member_of(made.member("auth"), "client_token"));
    const auto said = [&](const char *printer) { return may_print(client, token, printer, "192.0.2.7") ? "yes" : "no"; };
    std::cout << "3: " << said("3") << ", secret: ";
    std::cout << said("secret") << '\n';
}
