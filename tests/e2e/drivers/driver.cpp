// The driver in C++; tests/e2e/README.md says what it reads and prints.

#include <okta_auth.hpp>

#include "../../c/operations.h"

#include <iostream>
#include <map>
#include <optional>
#include <string>

using method = okta_auth::result<okta_auth::answer> (okta_auth::client::*)(std::string_view) const;

#define METHOD(name) {#name, &okta_auth::client::try_##name},
static const std::map<std::string, method> methods = {OPERATIONS(METHOD)};

static void print(int32_t status, std::string_view body) {
    std::cout << status << '\t' << body << std::endl;
}

static void print(const okta_auth::result<okta_auth::answer> &answered) {
    if (answered)
        print(answered->status(), answered->text());
    else
        print(answered.error().status(), answered.error().body());
}

int main() {
    std::optional<okta_auth::client> client;
    okta_auth::ticket started;
    for (std::string line; std::getline(std::cin, line);) {
        const auto first = line.find('\t');
        const std::string command = line.substr(0, first);
        std::string rest = first == std::string::npos ? "" : line.substr(first + 1);
        const auto second = rest.find('\t');
        const std::string name = rest.substr(0, second);
        const std::string request = second == std::string::npos ? "" : rest.substr(second + 1);
        if (command == "open") {
            client.emplace(rest);
            print(200, "");
        } else if (command == "call") {
            print(((*client).*methods.at(name))(request));
        } else if (command == "start") {
            started = client->submit(name.c_str(), request);
            print(0, "");
        } else if (command == "cancel") {
            started.cancel();
            const auto ended = started.wait();
            print(ended ? ended->status() : ended.error().status(), "");
        } else if (command == "close") {
            client.reset();
            print(0, "");
        }
    }
}
