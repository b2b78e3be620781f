// Says how an older library is met, in both forms.

#include <okta_auth.hpp>

#include <iostream>

int main() {
    const auto opened = okta_auth::client::open();
    std::cout << opened.has_value() << ' ' << opened.error().code() << ' ' << opened.error().what() << '\n';
    try {
        okta_auth::client client;
    } catch (const okta_auth::error &error) {
        std::cout << error.status() << ' ' << error.body() << '\n';
    }
}
