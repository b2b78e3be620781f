// The C++ header: who owns what, both forms of a failure, tickets. Arguments: the URL of an Okta and its certificates, and
// "end" for the end of a program alone.

#include <okta_auth.hpp>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) {                                                            \
            std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                              \
        }                                                                              \
    } while (0)

template <typename T>
constexpr bool move_only = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                           std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;
static_assert(move_only<okta_auth::client> && move_only<okta_auth::buffer> && move_only<okta_auth::ticket>);

static const char login[] = R"({"username":"fred","password":"correct horse"})";

static void members_of_answers() {
    using okta_auth::answer;
    const std::string_view body = R"({"a":{"x":[1,"}"],"b":"no"},"b":"\"q\\","c":null,"d":[],"e":12,"f":true})";
    CHECK(answer::member_of(body, "a") == R"({"x":[1,"}"],"b":"no"})");
    CHECK(answer::member_of(body, "b") == R"("\"q\\")");
    CHECK(answer::member_of(body, "c") == "null");
    CHECK(answer::member_of(body, "d") == "[]");
    CHECK(answer::member_of(body, "e") == "12");
    CHECK(answer::member_of(body, "f") == "true");
    CHECK(answer::member_of(body, "g").empty());
    for (const std::string_view broken : {"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":[", "[]", "{}", "{\"a\":\"\\"})
        for (const std::string_view name : {"a", "", "b"})
            answer::member_of(broken, name);
}

static void texts() {
    using okta_auth::quoted;
    using okta_auth::unquoted;
    CHECK(quoted("") == "\"\"" && quoted("f\"r\\ed\n\x1f\xc3\xbc") == "\"f\\\"r\\\\ed\\u000a\\u001f\xc3\xbc\"");
    CHECK(unquoted(R"("\"\\\/\b\f\n\r\t\u001f\u000a")") == "\"\\/\b\f\n\r\t\x1f\n");
    for (char c = 0; c >= 0 && c < 0x7f; c++)
        CHECK(unquoted(quoted(std::string(3, c))) == std::string(3, c));
    for (const std::string_view none : {"", "\"", "null", "7", "{}", "\"open", "open\""})
        CHECK(unquoted(none).empty());
    for (const std::string_view broken : {R"("\")", R"("\u")", R"("\u00")", R"("\uzzzz")"})
        unquoted(broken);
}

static void a_push_with_its_number(okta_auth::client &client) {
    std::vector<std::optional<int>> numbers;
    const auto show = [&numbers](const okta_auth::challenge &challenge) { numbers.push_back(challenge.number); };
    const okta_auth::answer done = client.login_with_push("num\"bered", "correct horse", show);
    CHECK(done.status() == 200 && numbers == std::vector<std::optional<int>>{0});
    CHECK(client.login_with_push("fred", "correct horse", show).status() == 200 && numbers.size() == 1);
    const auto late = client.try_login_with_push("pushed", "correct horse", show, std::chrono::milliseconds(1));
    CHECK(!late && late.error().code() == "challenge_timeout");
    CHECK(numbers.size() == 2 && !numbers[1]);
    CHECK(client.try_login_with_push("texted", "correct horse", show).error().code() == "factor_unavailable");
    CHECK(client.try_login_with_push("fred", "wrong", show).error().code() == "invalid_credentials");
    CHECK(client.try_login_with_push("fred", "wrong", show, std::chrono::minutes(1), R"({"mount_point":"elsewhere"})")
              .error().status() == 404);
    for (const std::string_view none : {"", "{", "7", " ", "okta"})
        CHECK(client.try_login_with_push("fred", "correct horse", show, std::chrono::minutes(1), none).error().code() == "invalid_request");
    CHECK(client.login_with_push("fred", "correct horse", show, std::chrono::minutes(1), " { }\n").ok());
}

static void a_push_whose_answer_is_wrapped(okta_auth::client &client) {
    using okta_auth::answer;
    const answer wrapped = client.login_with_push("num\"bered", "correct horse", [](const okta_auth::challenge &) {},
                                                  std::chrono::minutes(1), R"({"wrap_ttl":"60s"})");
    CHECK(wrapped.member("auth") == "null");
    const std::string token(answer::member_of(wrapped.member("wrap_info"), "token"));
    const answer inside = client.unwrap("{\"token\":" + token + "}");
    CHECK(okta_auth::unquoted(answer::member_of(inside.member("auth"), "client_token")).size() > 20);
}

/// The user of this name has one login at most, so that whoever runs this can see that it was cancelled.
static void a_show_that_throws(okta_auth::client &client) {
    bool thrown = false;
    try {
        client.login_with_push("thrown", "correct horse", [](const okta_auth::challenge &) { throw 7; });
    } catch (int number) {
        thrown = number == 7;
    }
    CHECK(thrown);
}

static void a_life(okta_auth::client &client) {
    client.register_user(R"({"username":"fred","policies":["dev"]})");
    const okta_auth::answer answered = client.login(login);
    CHECK(answered.ok() && answered.status() == 200);
    const auto auth = answered.member("auth");
    const std::string token = okta_auth::unquoted(okta_auth::answer::member_of(auth, "client_token"));
    CHECK(okta_auth::answer::member_of(auth, "policies") == R"(["default","dev"])");
    const std::string request = "{\"token\":\"" + token + "\"}";
    CHECK(client.lookup_token(request).member("data").find("okta-fred") != std::string_view::npos);
    CHECK(client.revoke_token(request).status() == 204);
    CHECK(!client.try_lookup_token(request));
}

static void what_an_error_says() {
    using okta_auth::error;
    const auto said = [](int32_t status, const std::string &code, const std::string &text) {
        return std::string(error(status, code, text).what());
    };
    CHECK(said(400, "challenge_timeout", "nobody came") == "status 400: nobody came (code challenge_timeout)");
    CHECK(said(-12, "closed", "") == "status -12 (code closed)");
    CHECK(said(500, "", "") == "status 500");
}

/// Of a token without rights, and of one whose rule says no.
static void what_a_refusal_says(okta_auth::client &client) {
    client.create_or_update_acl_policy(
        R"({"name":"denied","policy":"path \"doors/*\" { capabilities = [\"deny\"] }"})");
    const okta_auth::answer made = client.create_token(R"({"policies":["denied"]})");
    const std::string token(okta_auth::answer::member_of(made.member("auth"), "client_token"));
    const auto refused = client.try_authorize("{\"token\":" + token + R"(,"path":"doors/1","operation":"read"})");
    const std::string reason = okta_auth::unquoted(
        okta_auth::answer::member_of(okta_auth::answer::member_of(refused.error().body(), "data"), "reason"));
    CHECK(!reason.empty());
    CHECK(refused.error().what() ==
          "status 403: 1 error occurred: * permission denied: " + reason + " (rule doors/*) (code permission_denied)");
}

static void both_forms_of_a_failure(okta_auth::client &client) {
    const auto wrong = client.try_login(R"({"username":"fred","password":"hunter2"})");
    CHECK(!wrong && wrong.error().status() == 400 && wrong.error().code() == "invalid_credentials");
    CHECK(std::string(wrong.error().what()) == "status 400: Okta auth failed: the API returned an error: Authentication "
                                               "failed (code=E0000004) (code invalid_credentials)");
    what_an_error_says();
    bool thrown = false;
    try {
        client.read_user(R"({"username":"nobody"})");
    } catch (const okta_auth::error &error) {
        thrown = error.status() == 404 && error.code() == "not_found" && !error.retry_after();
    }
    CHECK(thrown);
    thrown = false;
    try {
        okta_auth::client(R"({"storag":{}})");
    } catch (const std::runtime_error &error) {
        thrown = std::string(error.what()).find("storag") != std::string::npos;
    }
    CHECK(thrown);
    CHECK(client.try_read_user(R"({"username":7})").error().code() == "invalid_request");
    CHECK(client.try_login(R"({"username":"fred","password":{}})").error().code() == "invalid_request");
    CHECK(client.try_request("7").error().code() == "invalid_json");
    CHECK(client.try_request("\xff").error().status() == OKTA_AUTH_INVALID_UTF8);
}

static void owners(const std::string &options) {
    okta_auth::client first(options);
    okta_auth::client second(std::move(first));
    CHECK(first.handle() == 0 && second.handle() != 0);
    CHECK(first.try_list_users().error().status() == OKTA_AUTH_INVALID_HANDLE);
    first = std::move(second);
    okta_auth::client &self = first;
    first = std::move(self);
    CHECK(first.try_list_users().error().status() == 404);
    okta_auth::ticket left = first.submit("list_users");
    first.close();
    first.close();
    CHECK(first.try_list_users().error().status() == OKTA_AUTH_CLOSED);
    CHECK(first.try_submit("list_users").error().code() == "closed");
    CHECK(first.completion_fd() == OKTA_AUTH_CLOSED && first.next_completed() == 0);
    left.cancel();
    CHECK(left.wait().error().status() == OKTA_AUTH_CLOSED);
    okta_auth::buffer one, other;
    okta_auth_read_config(0, nullptr, 0, one.out());
    other = std::move(one);
    CHECK(one.text().empty() && !other.text().empty());
    CHECK(other.out() != nullptr && other.text().empty());
}

static void tickets(okta_auth::client &client) {
    auto waiting = client.submit("login", R"({"username":"pushed","password":"correct horse"})");
    CHECK(waiting.number() != 0 && !waiting.wait_for(std::chrono::milliseconds(50)));
    const int fd = client.completion_fd();
    CHECK(fd >= 0 && client.next_completed() == 0);
    waiting.cancel();
    pollfd ready = {fd, POLLIN, 0};
    CHECK(poll(&ready, 1, 30000) == 1 && client.next_completed() == waiting.number());
    const auto cancelled = waiting.wait();
    CHECK(!cancelled && cancelled.error().status() == OKTA_AUTH_CANCELLED);
    CHECK(close(fd) == 0);

    auto done = client.submit("login", login);
    CHECK(done.wait().value().ok());
    CHECK(done.wait().error().status() == OKTA_AUTH_INVALID_TICKET);
    CHECK(client.try_submit("nonsense").error().status() == OKTA_AUTH_UNKNOWN_OPERATION);
    {
        // Gone before its answer came: nothing is left of it.
        okta_auth::ticket dropped = client.submit("login", login);
        okta_auth::ticket moved = std::move(dropped);
        moved = client.submit("list_users");
    }
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++)
        threads.emplace_back([&client] {
            for (int round = 0; round < 20; round++)
                CHECK(client.submit("read_config").wait().value().ok());
        });
    for (auto &thread : threads)
        thread.join();
}

static void the_audit_log() {
    using okta_auth::client;
    client audited(R"({"audit":{"required":true}})");
    CHECK(audited.try_list_users().error().code() == "audit_failed");
    std::atomic<int> first{0}, second{0}, refused{0};
    std::string last;
    CHECK(audited.set_audit([&](std::string_view line) {
        last = line;
        return ++first > 0;
    }) == 0);
    audited.register_user(R"({"username":"fred"})");
    CHECK(first == 2 && last.front() == '{' && last.back() == '}' && last.find("register_user") != std::string::npos);
    CHECK(audited.set_audit([&](std::string_view) {
        refused += audited.set_audit(nullptr) == OKTA_AUTH_REENTERED;
        refused += audited.try_list_users().error().status() == OKTA_AUTH_REENTERED;
        return ++second > 0;
    }) == 0);
    // By a thread of the library.
    CHECK(audited.submit("list_users").wait().value().ok());
    CHECK(first == 2 && second == 2 && refused == 4);
    for (const client::audit_function &none : {client::audit_function([](std::string_view) { return false; }),
                                               client::audit_function([](std::string_view) -> bool { throw 1; })}) {
        CHECK(audited.set_audit(none) == 0);
        CHECK(audited.try_list_users().error().code() == "audit_failed");
    }
    // A function that is taken away is gone, and so is one whose client goes.
    const auto kept = std::make_shared<int>(0);
    const client::audit_function keeps = [kept](std::string_view) { return *kept == 0; };
    CHECK(audited.set_audit(keeps) == 0 && kept.use_count() == 3);
    CHECK(audited.set_audit(nullptr) == 0 && kept.use_count() == 2);
    CHECK(audited.set_audit(keeps) == 0);
    {
        client moved = std::move(audited);
        CHECK(audited.set_audit(keeps) == OKTA_AUTH_INVALID_HANDLE);
        CHECK(moved.list_users().ok() && kept.use_count() == 3);
        moved.close();
        CHECK(moved.set_audit(keeps) == OKTA_AUTH_CLOSED);
    }
    CHECK(kept.use_count() == 2);
    // One that runs is waited for.
    const client slow;
    std::atomic<bool> inside{false}, go_on{false};
    std::atomic<int> done{0};
    CHECK(slow.set_audit([&](std::string_view) {
        inside = true;
        while (!go_on)
            std::this_thread::yield();
        return ++done > 0;
    }) == 0);
    std::thread calls([&] { slow.try_list_users(); });
    while (!inside)
        std::this_thread::yield();
    std::thread taking([&] {
        CHECK(slow.set_audit(nullptr) == 0);
        const int then = done;
        slow.try_list_users();
        CHECK(then > 0 && then == done);
    });
    go_on = true;
    taking.join();
    calls.join();
}

static void the_log() {
    const okta_auth::client client;
    std::vector<std::string> records;
    std::vector<int32_t> levels;
    std::atomic<int> thrown{0};
    const auto kept = std::make_shared<int>(0);
    CHECK(client.set_logger(OKTA_AUTH_LOG_INFO, [&, kept](int32_t level, std::string_view record) {
        CHECK(client.set_logger(OKTA_AUTH_LOG_OFF, nullptr) == OKTA_AUTH_REENTERED);
        levels.push_back(level);
        records.emplace_back(record);
    }) == 0);
    CHECK(kept.use_count() == 2);
    CHECK(client.try_list_users().error().status() == 404);
    // By a thread of the library.
    CHECK(client.submit("read_config").wait().error().status() == 404);
    CHECK(levels == std::vector<int32_t>(2, OKTA_AUTH_LOG_INFO));
    CHECK(okta_auth::answer::member_of(records[0], "event") == "\"answered\"");
    CHECK(okta_auth::answer::member_of(records[1], "operation") == "\"read_config\"");
    // One that is at its place beside an audit function, and throws.
    CHECK(client.set_audit([](std::string_view) { return true; }) == 0);
    CHECK(client.set_logger(OKTA_AUTH_LOG_DEBUG, [&thrown](int32_t, std::string_view) {
        thrown++;
        throw 1;
    }) == 0 && kept.use_count() == 1);
    CHECK(client.register_user(R"({"username":"fred"})").status() == 204 && thrown > 0);
    CHECK(client.set_logger(OKTA_AUTH_LOG_ERROR, [&thrown](int32_t, std::string_view) { thrown = -1; }) == 0);
    client.list_users();
    CHECK(client.set_logger(OKTA_AUTH_LOG_OFF, nullptr) == 0 && client.list_users().ok());
    CHECK(thrown > 0 && records.size() == 2);
    client.close();
    CHECK(client.set_logger(OKTA_AUTH_LOG_INFO, nullptr) == OKTA_AUTH_CLOSED);
}

/// Threads that call while another one closes get their answers, or are told of the close.
static void closed_by_another_thread(const std::string &options) {
    const okta_auth::client client(options);
    std::atomic<int> answered{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++)
        threads.emplace_back([&client, &answered] {
            for (;;) {
                const auto users = client.try_list_users();
                if (users.error().status() != 404) {
                    CHECK(users.error().status() == OKTA_AUTH_CLOSED);
                    return;
                }
                answered++;
            }
        });
    while (answered < 100)
        std::this_thread::yield();
    client.close();
    for (auto &thread : threads)
        thread.join();
}

static int ended(pid_t child) {
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

/// What a child inherits is an error to use, and nothing to let go of; it opens a client of its own.
static void in_a_forked_child(const okta_auth::client &client, const std::string &options) {
    auto waiting = client.submit("login", R"({"username":"pushed","password":"correct horse"})");
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(client.try_list_users().error().status() == OKTA_AUTH_FORKED);
        CHECK(client.try_submit("login", login).error().code() == "forked");
        CHECK(waiting.wait().error().status() == OKTA_AUTH_FORKED);
        { okta_auth::ticket inherited = std::move(waiting); }
        CHECK(okta_auth::client(options).try_list_users().error().status() == 404);
        _exit(0);
    }
    CHECK(ended(child) == 0);
    CHECK(!waiting.wait_for(std::chrono::milliseconds(0)));
}

/// The program ends while one thread waits for a phone, and static objects go: a client with a ticket of its own.
static void end_of_the_program(const std::string &options, const std::string &config) {
    static okta_auth::client client(options);
    client.configure(config);
    static okta_auth::ticket waiting = client.submit("login", R"({"username":"pushed","password":"correct horse"})");
    static std::atomic<bool> begun{false};
    std::thread([] {
        begun = true;
        client.try_login(R"({"username":"pushed","password":"correct horse"})");
    }).detach();
    while (!begun)
        std::this_thread::yield();
}

int main(int argc, char **argv) {
    CHECK(argc == 3 || argc == 4);
    members_of_answers();
    texts();
    const std::string options = "{\"ca_file\":\"" + std::string(argv[2]) + "\"}";
    const std::string config = "{\"org_url\":\"" + std::string(argv[1]) + "\"}";
    if (argc == 4) {
        end_of_the_program(options, config);
        return 0;
    }
    okta_auth::client client(options);
    client.configure(config);
    a_life(client);
    a_push_with_its_number(client);
    a_push_whose_answer_is_wrapped(client);
    a_show_that_throws(client);
    both_forms_of_a_failure(client);
    what_a_refusal_says(client);
    owners(options);
    tickets(client);
    the_audit_log();
    the_log();
    closed_by_another_thread(options);
    in_a_forked_child(client, options);
}
