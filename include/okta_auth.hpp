// Written by `make generate` from include/okta_auth.h and bindings/cpp/okta_auth.hpp.in. Do not edit.

#ifndef OKTA_AUTH_HPP
#define OKTA_AUTH_HPP

#include "okta_auth.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

/// okta_auth for C++17. Requests and answers are JSON texts, read and written with the JSON library of your choice;
/// `okta_auth.h` is their manual. Each operation comes in two forms: `login` throws an `error` for everything that is
/// not 200 or 204 (or 202, an open transaction), `try_login` returns it. Every function may be called from any
/// thread, but an object is moved and destroyed by one thread at a time.
namespace okta_auth {

static_assert(OKTA_AUTH_ABI_VERSION == 1 && std::string_view(OKTA_AUTH_VERSION) == "0.1.0",
              "okta_auth.hpp and okta_auth.h are of different versions");

/// The body of an answer. It owns its text, which is wiped when it goes.
class buffer {
public:
    buffer() noexcept : raw_{nullptr, 0} {}
    ~buffer() { okta_auth_buffer_free(&raw_); }
    buffer(buffer &&other) noexcept : raw_(std::exchange(other.raw_, okta_auth_buffer{nullptr, 0})) {}
    buffer &operator=(buffer &&other) noexcept {
        if (this != &other) {
            okta_auth_buffer_free(&raw_);
            raw_ = std::exchange(other.raw_, okta_auth_buffer{nullptr, 0});
        }
        return *this;
    }
    buffer(const buffer &) = delete;
    buffer &operator=(const buffer &) = delete;

    /// The text, valid as long as the buffer.
    std::string_view text() const noexcept {
        return raw_.data == nullptr ? std::string_view() : std::string_view(raw_.data, raw_.len);
    }

    /// For a call of the C interface to write to. What was in it is freed.
    okta_auth_buffer *out() noexcept {
        okta_auth_buffer_free(&raw_);
        return &raw_;
    }

private:
    okta_auth_buffer raw_;
};

namespace detail {

/// The end of the JSON value that begins at `at`, in a well-formed text.
inline std::size_t end_of_value(std::string_view json, std::size_t at) noexcept {
    std::size_t depth = 0;
    bool in_string = false;
    for (; at < json.size(); at++) {
        const char c = json[at];
        if (in_string) {
            if (c == '\\')
                at++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            if (--depth == 0)
                return at + 1;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return json.size();
}

/// Overwrites a text that is not used any more, which a compiler must not leave out.
inline void wipe(std::string &text) noexcept {
    volatile char *at = text.data();
    for (std::size_t left = text.size(); left > 0; left--)
        *at++ = '\0';
}

/// A whole number that is not negative; nothing for anything else.
inline std::optional<int> number(std::string_view json) noexcept {
    int64_t number = 0;
    for (const char c : json) {
        if (c < '0' || c > '9')
            return std::nullopt;
        number = std::min<int64_t>(number * 10 + (c - '0'), std::numeric_limits<int>::max());
    }
    return json.empty() ? std::nullopt : std::optional<int>(static_cast<int>(number));
}

} // namespace detail

/// A text as JSON writes it, with its quotes: for requests that are put together without a JSON library.
inline std::string quoted(std::string_view text) {
    const char *digits = "0123456789abcdef";
    std::string json;
    // Room for the worst, so that no copy of a secret stays behind where the text has grown out of.
    json.reserve(6 * text.size() + 2);
    json += '"';
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20)
            json.append("\\u00").append(1, digits[c >> 4]).append(1, digits[c & 0xf]);
        else
            json.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
    }
    return json.append("\"");
}

/// The text that a JSON text of the library's stands for; empty where `json` is none. The library escapes control
/// characters, quotes and backslashes, and nothing else.
inline std::string unquoted(std::string_view json) {
    const std::string_view escapes = "bfnrtu", meanings = "\b\f\n\r\t", digits = "0123456789abcdef";
    std::string text;
    if (json.size() < 2 || json.front() != '"' || json.back() != '"')
        return text;
    json = json.substr(1, json.size() - 2);
    for (std::size_t at = 0; at < json.size(); at++) {
        const std::size_t escape = json[at] == '\\' && at + 1 < json.size() ? escapes.find(json[++at]) : escapes.npos;
        if (escape < meanings.size())
            text += meanings[escape];
        else if (escape == meanings.size() && at + 4 < json.size()) {
            text += static_cast<char>(digits.find(json[at + 3]) * 16 + digits.find(json[at + 4]));
            at += 4;
        } else
            text += json[at];
    }
    return text;
}

/// What an operation answered.
class answer {
public:
    answer() noexcept : status_(0) {}
    answer(int32_t status, buffer body) noexcept : status_(status), body_(std::move(body)) {}

    /// An HTTP status of Vault's, or a negative `okta_auth_code`.
    int32_t status() const noexcept { return status_; }
    /// 200 and 204 mean yes.
    bool ok() const noexcept { return status_ == 200 || status_ == 204; }
    /// A login transaction that waits for the user.
    bool open() const noexcept { return status_ == 202; }
    /// The JSON text, empty for 204.
    std::string_view text() const noexcept { return body_.text(); }

    /// The JSON text of a member of the body, such as `"auth"` or `"data"`; empty when it is not there. Names with
    /// escapes in them are not found; the library has none.
    std::string_view member(std::string_view name) const noexcept { return member_of(text(), name); }

    /// The same for any JSON object.
    static std::string_view member_of(std::string_view json, std::string_view name) noexcept {
        if (json.empty() || json.front() != '{')
            return {};
        for (std::size_t at = 1; at < json.size() && json[at] == '"';) {
            const std::size_t key_end = json.find('"', at + 1);
            if (key_end == std::string_view::npos)
                return {};
            const std::size_t begin = key_end + 2;
            const std::size_t end = detail::end_of_value(json, begin);
            if (begin > json.size())
                return {};
            if (json.substr(at + 1, key_end - at - 1) == name)
                return json.substr(begin, end - begin);
            at = end + 1;
        }
        return {};
    }

private:
    int32_t status_;
    buffer body_;
};

/// Why an operation was refused or failed.
class error : public std::runtime_error {
public:
    explicit error(answer from)
        : std::runtime_error(line_of(from)), status_(from.status()), code_(unquoted(from.member("code"))),
          body_(from.text()) {
        if (const auto seconds = detail::number(from.member("retry_after")))
            retry_after_ = std::chrono::seconds(*seconds);
    }

    /// One that is found without asking the library; its body is empty.
    error(int32_t status, std::string code, const std::string &text)
        : std::runtime_error(line(status, text, code)), status_(status), code_(std::move(code)) {}

    /// The status, the texts, why and by which rule `authorize` refused, and the code, as in Python and Go:
    /// "status 403: permission denied (code permission_denied)".
    using std::runtime_error::what;

    /// An HTTP status of Vault's, or a negative `okta_auth_code`.
    int32_t status() const noexcept { return status_; }
    /// The stable name, such as "invalid_credentials"; see CODES in `okta_auth.h`.
    const std::string &code() const noexcept { return code_; }
    /// After how long another try may succeed, where known.
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
    /// The whole error body.
    const std::string &body() const noexcept { return body_; }

private:
    static std::string line_of(const answer &from) {
        std::string text;
        const std::string_view list = from.member("errors"), data = from.member("data");
        for (std::size_t at = 1; at < list.size(); at++) {
            const std::size_t end = detail::end_of_value(list, at);
            const std::string said = in_one_line(unquoted(list.substr(at, end - at)));
            if (!said.empty())
                text.append(text.empty() ? "" : "; ").append(said);
            at = end;
        }
        const std::string reason = unquoted(answer::member_of(data, "reason")), rule = unquoted(answer::member_of(data, "rule"));
        if (!reason.empty()) {
            text.append(text.empty() ? "" : ": ").append(reason);
            if (!rule.empty())
                text.append(" (rule ").append(rule).append(")");
        }
        return line(from.status(), text, unquoted(from.member("code")));
    }

    /// Vault indents the items of a list on lines of their own, which would break up a log.
    static std::string in_one_line(std::string_view text) {
        constexpr std::string_view blank = " \t\r\n";
        std::string words;
        for (std::size_t at = text.find_first_not_of(blank); at < text.size();) {
            const std::size_t end = std::min(text.find_first_of(blank, at), text.size());
            words.append(words.empty() ? "" : " ").append(text.substr(at, end - at));
            at = text.find_first_not_of(blank, end);
        }
        return words;
    }

    static std::string line(int32_t status, const std::string &text, const std::string &code) {
        return "status " + std::to_string(status) + (text.empty() ? "" : ": " + text) +
               (code.empty() ? "" : " (code " + code + ")");
    }

    int32_t status_;
    std::string code_;
    std::optional<std::chrono::seconds> retry_after_;
    std::string body_;
};

/// A value or the error that stands in its place.
template <typename T>
class result {
public:
    result(T value) : content_(std::move(value)) {}
    result(okta_auth::error failure) : content_(std::move(failure)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the error when there is none.
    T &value() & {
        check();
        return std::get<0>(content_);
    }
    const T &value() const & {
        check();
        return std::get<0>(content_);
    }
    T &&value() && { return std::move(value()); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    /// The error; only where there is no value.
    const okta_auth::error &error() const { return std::get<1>(content_); }

private:
    void check() const {
        if (!has_value())
            throw std::get<1>(content_);
    }

    std::variant<T, okta_auth::error> content_;
};

/// An operation that runs. It is cancelled when the object goes before its answer was collected. It must not outlive
/// its client's `close`; then it answers that the client is closed.
class ticket {
public:
    ticket() noexcept : handle_(0), ticket_(0) {}
    ticket(okta_auth_handle handle, okta_auth_ticket number) noexcept : handle_(handle), ticket_(number) {}
    ~ticket() { drop(); }
    ticket(ticket &&other) noexcept
        : handle_(std::exchange(other.handle_, 0)), ticket_(std::exchange(other.ticket_, 0)) {}
    ticket &operator=(ticket &&other) noexcept {
        if (this != &other) {
            drop();
            handle_ = std::exchange(other.handle_, 0);
            ticket_ = std::exchange(other.ticket_, 0);
        }
        return *this;
    }
    ticket(const ticket &) = delete;
    ticket &operator=(const ticket &) = delete;

    /// The number that `client::next_completed` gives.
    okta_auth_ticket number() const noexcept { return ticket_; }

    /// Waits until the operation has ended, by its own deadline at the latest.
    result<answer> wait() {
        for (;;)
            if (auto ended = collect(-1))
                return std::move(*ended);
    }
    /// Waits at most so long; nothing when it still runs.
    std::optional<result<answer>> wait_for(std::chrono::milliseconds time) {
        const auto most = std::numeric_limits<int32_t>::max();
        const auto least = time.count() < 0 ? 0 : time.count();
        return collect(static_cast<int32_t>(least > most ? most : least));
    }
    /// Ends it; `wait` then answers OKTA_AUTH_CANCELLED, unless it had ended before.
    void cancel() noexcept { okta_auth_cancel(handle_, ticket_); }

private:
    std::optional<result<answer>> collect(int32_t time) {
        buffer body;
        const int32_t status = okta_auth_wait(handle_, ticket_, time, body.out());
        if (status == OKTA_AUTH_PENDING)
            return std::nullopt;
        ticket_ = 0;
        return checked(answer(status, std::move(body)));
    }

    static result<answer> checked(answer from) {
        if (from.ok() || from.open())
            return result<answer>(std::move(from));
        return result<answer>(error(std::move(from)));
    }

    /// Cancelling is not enough: an answer that nobody collects is kept until the client is closed.
    void drop() noexcept {
        if (ticket_ == 0)
            return;
        okta_auth_cancel(handle_, ticket_);
        okta_auth_wait(handle_, ticket_, -1, nullptr);
        ticket_ = 0;
    }

    okta_auth_handle handle_;
    okta_auth_ticket ticket_;
};

/// What a user is asked to do.
struct challenge {
    /// What to tap in Okta Verify, which may be 0; without one the push is to be confirmed.
    std::optional<int> number;
};

/// An open client: a storage, its mounts, and connections to Okta.
class client {
public:
    using function = int32_t(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
    using audit_function = std::function<bool(std::string_view)>;
    using log_function = std::function<void(int32_t, std::string_view)>;

    /// Opens a client with the options of `okta_auth_open`; throws an `error`.
    explicit client(std::string_view options = "{}") : client(std::move(open(options)).value()) {}
    ~client() { close(); }
    client(client &&other) noexcept
        : handle_(std::exchange(other.handle_, 0)), called_(std::move(other.called_)) {}
    client &operator=(client &&other) noexcept {
        if (this != &other) {
            close();
            handle_ = std::exchange(other.handle_, 0);
            called_ = std::move(other.called_);
        }
        return *this;
    }
    client(const client &) = delete;
    client &operator=(const client &) = delete;

    /// The form that does not throw. A library that this header does not fit is refused with the code "unsupported".
    static result<client> open(std::string_view options = "{}") {
        if (!fits())
            return result<client>(okta_auth::error(OKTA_AUTH_UNKNOWN_OPERATION, "unsupported", misfit()));
        buffer body;
        client opened{unopened()};
        const int32_t status = okta_auth_open(options.data(), options.size(), &opened.handle_, body.out());
        if (status == 200)
            return result<client>(std::move(opened));
        return result<client>(okta_auth::error(answer(status, std::move(body))));
    }

    /// Ends all that runs, in other threads too. Later calls fail with OKTA_AUTH_CLOSED.
    void close() const noexcept { okta_auth_close(handle_); }

    okta_auth_handle handle() const noexcept { return handle_; }

    /// okta_auth_set_audit(). Hands every audit line that is made from now on to a function, too, or to none: a JSON
    /// object without its newline. It says whether it has the line; to throw is to say no. It is called by several
    /// threads at once, those of the library among them, while operations wait for it, and must not end the client; a
    /// function of a client that it calls gives OKTA_AUTH_REENTERED. When this returns, the function before is not
    /// running, never runs again, and is gone. Returns 0 or an `okta_auth_code`.
    int32_t set_audit(audit_function audit) const {
        return exchange(&functions::audit, std::move(audit), [this](audit_function *next) {
            return okta_auth_set_audit(handle_, next ? audited : nullptr, next);
        });
    }

    /// okta_auth_set_logger(). Hands log records up to a level (OKTA_AUTH_LOG_ERROR … OKTA_AUTH_LOG_DEBUG) to a function
    /// from now on, or to none: a JSON object without its newline, and its level. It is called like that of `set_audit`,
    /// and what it throws is dropped. Returns 0 or an `okta_auth_code`.
    int32_t set_logger(int32_t level, log_function log) const {
        return exchange(&functions::log, std::move(log), [this, level](log_function *next) {
            return okta_auth_set_logger(handle_, level, next ? logged : nullptr, next);
        });
    }

    /// Calls a function of `okta_auth.h` by its name: `client.try_call(okta_auth_login, request)`.
    result<answer> try_call(function *operation, std::string_view request = "{}") const {
        buffer body;
        const int32_t status = operation(handle_, request.data(), request.size(), body.out());
        answer answered(status, std::move(body));
        if (answered.ok() || answered.open())
            return result<answer>(std::move(answered));
        return result<answer>(okta_auth::error(std::move(answered)));
    }
    /// The form that throws.
    answer call(function *operation, std::string_view request = "{}") const {
        return std::move(try_call(operation, request)).value();
    }

    /// Starts an operation by its bare name ("login", "request") and does not wait for it.
    result<ticket> try_submit(const char *operation, std::string_view request = "{}") const {
        buffer body;
        okta_auth_ticket number = 0;
        const int32_t status = okta_auth_submit(handle_, operation, request.data(), request.size(), &number, body.out());
        if (status == 202)
            return result<ticket>(ticket(handle_, number));
        return result<ticket>(okta_auth::error(answer(status, std::move(body))));
    }
    /// The form that throws.
    ticket submit(const char *operation, std::string_view request = "{}") const {
        return std::move(try_submit(operation, request)).value();
    }

    /// A descriptor that is readable while `next_completed` has something: poll it, never read it, close it yourself.
    /// Negative is an `okta_auth_code`.
    int32_t completion_fd() const noexcept {
        int32_t fd = -1;
        const int32_t status = okta_auth_completion_fd(handle_, &fd);
        return status == 0 ? fd : status;
    }
    /// The number of a ticket that has ended, each once; 0 when there is none.
    okta_auth_ticket next_completed() const noexcept {
        okta_auth_ticket number = 0;
        return okta_auth_next_completed(handle_, &number) == 0 ? number : 0;
    }

    /// Logs a user in whose second factor is Okta Verify's push, and calls `show` with a `challenge` when there is another
    /// one: what he has to do while this waits for him. Without a second factor it is not called; who has others but no
    /// push is refused. After `patience` the login is cancelled at Okta, and the error has the code "challenge_timeout";
    /// it is cancelled, too, when `show` throws. `common` is a JSON object of members that every step takes:
    /// `mount_point`, `remote_address`, `user_agent`, `request_id`, `wrap_ttl`.
    template <typename Show>
    result<answer> try_login_with_push(std::string_view username, std::string_view password, Show &&show,
                                       std::chrono::milliseconds patience = std::chrono::minutes(5),
                                       std::string_view common = "{}") const {
        const auto end = std::chrono::steady_clock::now() + patience;
        const std::optional<std::string> rest = members_and_brace(common);
        if (!rest)
            return result<answer>(okta_auth::error(400, "invalid_request", "the common members must be a JSON object"));
        std::string secret = quoted(password), request = "{\"factor_type\":\"push\",\"username\":" + quoted(username);
        request.reserve(request.size() + secret.size() + rest->size() + 16);
        request.append(",\"password\":").append(secret).append(*rest);
        result<answer> step = try_start_transaction(request);
        detail::wipe(secret);
        detail::wipe(request);
        std::optional<std::string> shown;
        while (step ? step->open() : goes_on(step.error())) {
            const std::string_view data = step ? step->member("data") : answer::member_of(step.error().body(), "data");
            std::string looks(answer::member_of(data, "challenge"));
            const std::string id = "{\"id\":" + std::string(answer::member_of(data, "id")) + *rest;
            if (looks.empty() || looks.front() != '{')
                return without_push(id, answer::member_of(data, "last_error"));
            if (shown != looks) {
                try {
                    show(challenge{detail::number(answer::member_of(looks, "number"))});
                } catch (...) {
                    (void)try_cancel_transaction(id);
                    throw;
                }
            }
            shown = std::move(looks);
            const auto poll_after = std::chrono::seconds(detail::number(answer::member_of(data, "poll_after")).value_or(2));
            const auto pause = step ? poll_after : step.error().retry_after().value_or(std::chrono::seconds(2));
            if (std::chrono::steady_clock::now() + pause > end) {
                (void)try_cancel_transaction(id);
                return result<answer>(okta_auth::error(400, "challenge_timeout", "nobody answered the push in time"));
            }
            std::this_thread::sleep_for(pause);
            step = try_continue_transaction(id);
        }
        return step;
    }
    /// The form that throws.
    template <typename Show>
    answer login_with_push(std::string_view username, std::string_view password, Show &&show,
                           std::chrono::milliseconds patience = std::chrono::minutes(5),
                           std::string_view common = "{}") const {
        auto done = try_login_with_push(username, password, std::forward<Show>(show), patience, common);
        return std::move(done).value();
    }

    /// okta_auth_request(): the door for requests of others.
    answer request(std::string_view request) const { return call(okta_auth_request, request); }
    /// The form that does not throw.
    result<answer> try_request(std::string_view request) const { return try_call(okta_auth_request, request); }

    /// okta_auth_configure(). Writes the configuration of a mount. Members left out keep what they were before; nothing
    /// is written when any of them is refused. A list is an array of texts or one text split at commas; a duration is a
    /// text such as "90m".
    answer configure(std::string_view request = "{}") const { return call(okta_auth_configure, request); }
    /// The form that does not throw.
    result<answer> try_configure(std::string_view request = "{}") const {
        return try_call(okta_auth_configure, request);
    }

    /// okta_auth_read_config(). Reads the configuration of a mount, without its API token.
    answer read_config(std::string_view request = "{}") const { return call(okta_auth_read_config, request); }
    /// The form that does not throw.
    result<answer> try_read_config(std::string_view request = "{}") const {
        return try_call(okta_auth_read_config, request);
    }

    /// okta_auth_register_user(). Maps a user to groups and policies, beside the groups that Okta tells. What was
    /// mapped before is replaced. The name keeps the spelling of its first write.
    answer register_user(std::string_view request = "{}") const { return call(okta_auth_register_user, request); }
    /// The form that does not throw.
    result<answer> try_register_user(std::string_view request = "{}") const {
        return try_call(okta_auth_register_user, request);
    }

    /// okta_auth_read_user(). Reads what a user is mapped to.
    answer read_user(std::string_view request = "{}") const { return call(okta_auth_read_user, request); }
    /// The form that does not throw.
    result<answer> try_read_user(std::string_view request = "{}") const {
        return try_call(okta_auth_read_user, request);
    }

    /// okta_auth_list_users(). Lists the names of all mapped users.
    answer list_users(std::string_view request = "{}") const { return call(okta_auth_list_users, request); }
    /// The form that does not throw.
    result<answer> try_list_users(std::string_view request = "{}") const {
        return try_call(okta_auth_list_users, request);
    }

    /// okta_auth_delete_user(). Forgets what a user is mapped to, known or not. Tokens he has stay valid.
    answer delete_user(std::string_view request = "{}") const { return call(okta_auth_delete_user, request); }
    /// The form that does not throw.
    result<answer> try_delete_user(std::string_view request = "{}") const {
        return try_call(okta_auth_delete_user, request);
    }

    /// okta_auth_register_group(). Maps a group, of Okta or of okta_auth_register_user(), to policies. What was mapped
    /// before is replaced.
    answer register_group(std::string_view request = "{}") const { return call(okta_auth_register_group, request); }
    /// The form that does not throw.
    result<answer> try_register_group(std::string_view request = "{}") const {
        return try_call(okta_auth_register_group, request);
    }

    /// okta_auth_read_group(). Reads the policies of a group.
    answer read_group(std::string_view request = "{}") const { return call(okta_auth_read_group, request); }
    /// The form that does not throw.
    result<answer> try_read_group(std::string_view request = "{}") const {
        return try_call(okta_auth_read_group, request);
    }

    /// okta_auth_list_groups(). Lists the names of all mapped groups.
    answer list_groups(std::string_view request = "{}") const { return call(okta_auth_list_groups, request); }
    /// The form that does not throw.
    result<answer> try_list_groups(std::string_view request = "{}") const {
        return try_call(okta_auth_list_groups, request);
    }

    /// okta_auth_delete_group(). Forgets the policies of a group, known or not. Tokens issued before keep them until
    /// renewed.
    answer delete_group(std::string_view request = "{}") const { return call(okta_auth_delete_group, request); }
    /// The form that does not throw.
    result<answer> try_delete_group(std::string_view request = "{}") const {
        return try_call(okta_auth_delete_group, request);
    }

    /// okta_auth_login(). Logs a user in at Okta with password and second factor, and issues a token. Waits for a push
    /// until the user has answered it, at most login_timeout_ms or timeout_ms, and ends with 503 deadline_exceeded
    /// then, not sooner; okta_auth_close() ends the wait. Nothing is sent twice: one password check, one push. The
    /// passcode "totp" chooses a TOTP factor, of "provider" where given; without it Okta Verify push is used. When the
    /// push wants a number tapped, okta_auth_verify() tells it, in another thread, to whoever knows the "nonce".
    answer login(std::string_view request = "{}") const { return call(okta_auth_login, request); }
    /// The form that does not throw.
    result<answer> try_login(std::string_view request = "{}") const {
        return try_call(okta_auth_login, request);
    }

    /// okta_auth_verify(). Tells the number to tap in Okta Verify, while okta_auth_login() with this nonce waits in
    /// another thread. It confirms nothing.
    answer verify(std::string_view request = "{}") const { return call(okta_auth_verify, request); }
    /// The form that does not throw.
    result<answer> try_verify(std::string_view request = "{}") const {
        return try_call(okta_auth_verify, request);
    }

    /// okta_auth_start_transaction(). Begins a login with a password, and answers without waiting for a person. Without
    /// a choice of factor nothing is sent to the user: the answer lists his factors. A factor can be chosen at once: by
    /// factor_id, by factor_type with provider, or as okta_auth_login() does by "totp", which is checked at once. Any
    /// process with the same storage can continue the transaction.
    answer start_transaction(std::string_view request = "{}") const { return call(okta_auth_start_transaction, request); }
    /// The form that does not throw.
    result<answer> try_start_transaction(std::string_view request = "{}") const {
        return try_call(okta_auth_start_transaction, request);
    }

    /// okta_auth_continue_transaction(). Takes the next step of a transaction: chooses a factor, gives a passcode or an
    /// answer, has the push or message sent again, or, with none of these, asks how it stands. Each answers at once;
    /// polled sooner than "poll_after" says, it answers the last state without asking Okta. A push or message goes out
    /// when a factor is chosen and with "resend", and never else; choosing the same factor once more sends nothing. Of
    /// two steps at the same time one is taken, and the other answers the last state.
    answer continue_transaction(std::string_view request = "{}") const { return call(okta_auth_continue_transaction, request); }
    /// The form that does not throw.
    result<answer> try_continue_transaction(std::string_view request = "{}") const {
        return try_call(okta_auth_continue_transaction, request);
    }

    /// okta_auth_cancel_transaction(). Ends a transaction, here and at Okta. Okta is told once, for at most five
    /// seconds, and whatever it says the id is unknown from here on.
    answer cancel_transaction(std::string_view request = "{}") const { return call(okta_auth_cancel_transaction, request); }
    /// The form that does not throw.
    result<answer> try_cancel_transaction(std::string_view request = "{}") const {
        return try_call(okta_auth_cancel_transaction, request);
    }

    /// okta_auth_enable_auth_method(). Mounts another Okta method, with a configuration, users, groups and tokens of
    /// its own.
    answer enable_auth_method(std::string_view request = "{}") const { return call(okta_auth_enable_auth_method, request); }
    /// The form that does not throw.
    result<answer> try_enable_auth_method(std::string_view request = "{}") const {
        return try_call(okta_auth_enable_auth_method, request);
    }

    /// okta_auth_list_auth_methods(). Lists the mounts.
    answer list_auth_methods(std::string_view request = "{}") const { return call(okta_auth_list_auth_methods, request); }
    /// The form that does not throw.
    result<answer> try_list_auth_methods(std::string_view request = "{}") const {
        return try_call(okta_auth_list_auth_methods, request);
    }

    /// okta_auth_tune_auth_method(). Changes how long the tokens of a mount live, when its users are locked, and its
    /// description.
    answer tune_auth_method(std::string_view request = "{}") const { return call(okta_auth_tune_auth_method, request); }
    /// The form that does not throw.
    result<answer> try_tune_auth_method(std::string_view request = "{}") const {
        return try_call(okta_auth_tune_auth_method, request);
    }

    /// okta_auth_read_auth_method_tuning(). Reads what okta_auth_tune_auth_method() changes, with effective values.
    answer read_auth_method_tuning(std::string_view request = "{}") const { return call(okta_auth_read_auth_method_tuning, request); }
    /// The form that does not throw.
    result<answer> try_read_auth_method_tuning(std::string_view request = "{}") const {
        return try_call(okta_auth_read_auth_method_tuning, request);
    }

    /// okta_auth_disable_auth_method(). Removes a mount with its configuration, users and groups, and revokes all its
    /// tokens.
    answer disable_auth_method(std::string_view request = "{}") const { return call(okta_auth_disable_auth_method, request); }
    /// The form that does not throw.
    result<answer> try_disable_auth_method(std::string_view request = "{}") const {
        return try_call(okta_auth_disable_auth_method, request);
    }

    /// okta_auth_create_or_update_token_role(). Says what tokens okta_auth_create_token() makes with this "role_name".
    /// Members that are left out stay as they are.
    answer create_or_update_token_role(std::string_view request = "{}") const { return call(okta_auth_create_or_update_token_role, request); }
    /// The form that does not throw.
    result<answer> try_create_or_update_token_role(std::string_view request = "{}") const {
        return try_call(okta_auth_create_or_update_token_role, request);
    }

    /// okta_auth_read_token_role(). Shows a token role.
    answer read_token_role(std::string_view request = "{}") const { return call(okta_auth_read_token_role, request); }
    /// The form that does not throw.
    result<answer> try_read_token_role(std::string_view request = "{}") const {
        return try_call(okta_auth_read_token_role, request);
    }

    /// okta_auth_list_token_roles(). Lists the names of all token roles.
    answer list_token_roles(std::string_view request = "{}") const { return call(okta_auth_list_token_roles, request); }
    /// The form that does not throw.
    result<answer> try_list_token_roles(std::string_view request = "{}") const {
        return try_call(okta_auth_list_token_roles, request);
    }

    /// okta_auth_create_or_update_acl_policy(). Writes an ACL policy. Tokens that name it have the new rights with
    /// their next request.
    answer create_or_update_acl_policy(std::string_view request = "{}") const { return call(okta_auth_create_or_update_acl_policy, request); }
    /// The form that does not throw.
    result<answer> try_create_or_update_acl_policy(std::string_view request = "{}") const {
        return try_call(okta_auth_create_or_update_acl_policy, request);
    }

    /// okta_auth_read_acl_policy(). Reads an ACL policy.
    answer read_acl_policy(std::string_view request = "{}") const { return call(okta_auth_read_acl_policy, request); }
    /// The form that does not throw.
    result<answer> try_read_acl_policy(std::string_view request = "{}") const {
        return try_call(okta_auth_read_acl_policy, request);
    }

    /// okta_auth_list_acl_policies(). Lists the ACL policies.
    answer list_acl_policies(std::string_view request = "{}") const { return call(okta_auth_list_acl_policies, request); }
    /// The form that does not throw.
    result<answer> try_list_acl_policies(std::string_view request = "{}") const {
        return try_call(okta_auth_list_acl_policies, request);
    }

    /// okta_auth_create_token(). Issues a token with the host's authority, without a login at Okta.
    answer create_token(std::string_view request = "{}") const { return call(okta_auth_create_token, request); }
    /// The form that does not throw.
    result<answer> try_create_token(std::string_view request = "{}") const {
        return try_call(okta_auth_create_token, request);
    }

    /// okta_auth_create_orphan_token(). Issues a token without a parent, as okta_auth_create_token() by the host does.
    answer create_orphan_token(std::string_view request = "{}") const { return call(okta_auth_create_orphan_token, request); }
    /// The form that does not throw.
    result<answer> try_create_orphan_token(std::string_view request = "{}") const {
        return try_call(okta_auth_create_orphan_token, request);
    }

    /// okta_auth_lookup_token(). Tells what a token is and may do. It enforces nothing: it takes none of the token's
    /// uses, compares no address with its CIDRs, and answers 200 for a wrapping token, too. Whoever lets somebody in by
    /// a token asks okta_auth_authorize(), or leaves it to okta_auth_request().
    answer lookup_token(std::string_view request = "{}") const { return call(okta_auth_lookup_token, request); }
    /// The form that does not throw.
    result<answer> try_lookup_token(std::string_view request = "{}") const {
        return try_call(okta_auth_lookup_token, request);
    }

    /// okta_auth_lookup_accessor(). Tells what the token of an accessor is and may do, without the token itself.
    answer lookup_accessor(std::string_view request = "{}") const { return call(okta_auth_lookup_accessor, request); }
    /// The form that does not throw.
    result<answer> try_lookup_accessor(std::string_view request = "{}") const {
        return try_call(okta_auth_lookup_accessor, request);
    }

    /// okta_auth_get_capabilities(). Tells what a token may do on some paths. Takes none of its uses. Through
    /// okta_auth_request() sys/capabilities-self and sys/capabilities-accessor answer it as well.
    answer get_capabilities(std::string_view request = "{}") const { return call(okta_auth_get_capabilities, request); }
    /// The form that does not throw.
    result<answer> try_get_capabilities(std::string_view request = "{}") const {
        return try_call(okta_auth_get_capabilities, request);
    }

    /// okta_auth_authorize(). Decides whether the bearer of a token may do something on a path of yours, by the token's
    /// policies; on a path that okta_auth_request() serves, as that decides. It takes one use of a token with num_uses,
    /// as the request itself would, whatever it decides. Give the user's remote_address: a token may be bound to some.
    answer authorize(std::string_view request = "{}") const { return call(okta_auth_authorize, request); }
    /// The form that does not throw.
    result<answer> try_authorize(std::string_view request = "{}") const {
        return try_call(okta_auth_authorize, request);
    }

    /// okta_auth_delete_acl_policy(). Deletes an ACL policy. Tokens that name it keep its name, and have none of its
    /// rights any more.
    answer delete_acl_policy(std::string_view request = "{}") const { return call(okta_auth_delete_acl_policy, request); }
    /// The form that does not throw.
    result<answer> try_delete_acl_policy(std::string_view request = "{}") const {
        return try_call(okta_auth_delete_acl_policy, request);
    }

    /// okta_auth_renew_token(). Stretches the life of a token. For a login's token Okta is asked first, with the
    /// mount's API token, whether the user is still active and which groups he is in; his password is not needed.
    answer renew_token(std::string_view request = "{}") const { return call(okta_auth_renew_token, request); }
    /// The form that does not throw.
    result<answer> try_renew_token(std::string_view request = "{}") const {
        return try_call(okta_auth_renew_token, request);
    }

    /// okta_auth_renew_accessor(). As okta_auth_renew_token(), for the token of an accessor.
    answer renew_accessor(std::string_view request = "{}") const { return call(okta_auth_renew_accessor, request); }
    /// The form that does not throw.
    result<answer> try_renew_accessor(std::string_view request = "{}") const {
        return try_call(okta_auth_renew_accessor, request);
    }

    /// okta_auth_list_accessors(). Lists the accessors of all tokens.
    answer list_accessors(std::string_view request = "{}") const { return call(okta_auth_list_accessors, request); }
    /// The form that does not throw.
    result<answer> try_list_accessors(std::string_view request = "{}") const {
        return try_call(okta_auth_list_accessors, request);
    }

    /// okta_auth_revoke_accessor(). As okta_auth_revoke_token(), for the token of an accessor.
    answer revoke_accessor(std::string_view request = "{}") const { return call(okta_auth_revoke_accessor, request); }
    /// The form that does not throw.
    result<answer> try_revoke_accessor(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_accessor, request);
    }

    /// okta_auth_revoke_token_and_orphan_children(). Ends a token, at once and for good. Tokens made with it live on
    /// without a parent.
    answer revoke_token_and_orphan_children(std::string_view request = "{}") const { return call(okta_auth_revoke_token_and_orphan_children, request); }
    /// The form that does not throw.
    result<answer> try_revoke_token_and_orphan_children(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_token_and_orphan_children, request);
    }

    /// okta_auth_revoke_token(). Ends a token and all tokens made with it, at once and for good. An unknown one is no
    /// error.
    answer revoke_token(std::string_view request = "{}") const { return call(okta_auth_revoke_token, request); }
    /// The form that does not throw.
    result<answer> try_revoke_token(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_token, request);
    }

    /// okta_auth_revoke_user_tokens(). Ends the tokens that a user's logins were given until now, whichever way he
    /// typed his name, and all tokens made with them but orphans: whoever may create those can outlive this. He can log
    /// in again: lock him at Okta first. A call that ends early has ended some; the next goes on.
    answer revoke_user_tokens(std::string_view request = "{}") const { return call(okta_auth_revoke_user_tokens, request); }
    /// The form that does not throw.
    result<answer> try_revoke_user_tokens(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_user_tokens, request);
    }

    /// okta_auth_revoke_group_tokens(). As okta_auth_revoke_user_tokens(), for all users who had policies by a group
    /// when their token was issued or renewed last.
    answer revoke_group_tokens(std::string_view request = "{}") const { return call(okta_auth_revoke_group_tokens, request); }
    /// The form that does not throw.
    result<answer> try_revoke_group_tokens(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_group_tokens, request);
    }

    /// okta_auth_revoke_mount_tokens(). As okta_auth_revoke_user_tokens(), for all users of the mount.
    answer revoke_mount_tokens(std::string_view request = "{}") const { return call(okta_auth_revoke_mount_tokens, request); }
    /// The form that does not throw.
    result<answer> try_revoke_mount_tokens(std::string_view request = "{}") const {
        return try_call(okta_auth_revoke_mount_tokens, request);
    }

    /// okta_auth_wrap(). Keeps an object under a token of one use, for "wrap_ttl", which has to be given here.
    answer wrap(std::string_view request = "{}") const { return call(okta_auth_wrap, request); }
    /// The form that does not throw.
    result<answer> try_wrap(std::string_view request = "{}") const {
        return try_call(okta_auth_wrap, request);
    }

    /// okta_auth_read_wrapping(). Tells what an answer was wrapped by, and when. The token keeps its use.
    answer read_wrapping(std::string_view request = "{}") const { return call(okta_auth_read_wrapping, request); }
    /// The form that does not throw.
    result<answer> try_read_wrapping(std::string_view request = "{}") const {
        return try_call(okta_auth_read_wrapping, request);
    }

    /// okta_auth_rewrap(). Moves what is kept under a wrapping token to a new one with the whole life of the old, which
    /// ends. Says to whoever holds it that nobody has unwrapped it.
    answer rewrap(std::string_view request = "{}") const { return call(okta_auth_rewrap, request); }
    /// The form that does not throw.
    result<answer> try_rewrap(std::string_view request = "{}") const {
        return try_call(okta_auth_rewrap, request);
    }

    /// okta_auth_unwrap(). Gives what is kept under a wrapping token, once: of several who ask, in any process, one
    /// gets it. A refusal may mean that somebody else has read it.
    answer unwrap(std::string_view request = "{}") const { return call(okta_auth_unwrap, request); }
    /// The form that does not throw.
    result<answer> try_unwrap(std::string_view request = "{}") const {
        return try_call(okta_auth_unwrap, request);
    }

    /// okta_auth_delete_token_role(). Deletes a token role. Its tokens live on until their time is up, and cannot be
    /// renewed. An unknown one is no error.
    answer delete_token_role(std::string_view request = "{}") const { return call(okta_auth_delete_token_role, request); }
    /// The form that does not throw.
    result<answer> try_delete_token_role(std::string_view request = "{}") const {
        return try_call(okta_auth_delete_token_role, request);
    }

    /// okta_auth_tidy_tokens(). Looks at every row of every service token and removes those of no living one, for ten
    /// seconds at most; nothing depends on it. The log says how many it was.
    answer tidy_tokens(std::string_view request = "{}") const { return call(okta_auth_tidy_tokens, request); }
    /// The form that does not throw.
    result<answer> try_tidy_tokens(std::string_view request = "{}") const {
        return try_call(okta_auth_tidy_tokens, request);
    }

    /// okta_auth_audit_hash(). Tells what stands for a text in the audit log, so that the lines of a token, an accessor
    /// or a transaction can be found. It is the same for the file and for the function of okta_auth_set_audit().
    answer audit_hash(std::string_view request = "{}") const { return call(okta_auth_audit_hash, request); }
    /// The form that does not throw.
    result<answer> try_audit_hash(std::string_view request = "{}") const {
        return try_call(okta_auth_audit_hash, request);
    }

    /// okta_auth_list_locked_users(). Tells which users are refused for a while, because Okta called too many of their
    /// passwords or codes wrong; see LOGINS. Those whom Okta has locked are not among them.
    answer list_locked_users(std::string_view request = "{}") const { return call(okta_auth_list_locked_users, request); }
    /// The form that does not throw.
    result<answer> try_list_locked_users(std::string_view request = "{}") const {
        return try_call(okta_auth_list_locked_users, request);
    }

    /// okta_auth_unlock_user(). Lets a user in again before his time is up, and forgets his wrong passwords and codes.
    answer unlock_user(std::string_view request = "{}") const { return call(okta_auth_unlock_user, request); }
    /// The form that does not throw.
    result<answer> try_unlock_user(std::string_view request = "{}") const {
        return try_call(okta_auth_unlock_user, request);
    }

private:
    struct unopened {};
    /// The functions of the host's that are registered.
    struct functions {
        std::mutex mutex;
        std::unique_ptr<audit_function> audit;
        std::unique_ptr<log_function> log;
    };

    explicit client(unopened) : handle_(0), called_(std::make_unique<functions>()) {}

    /// Puts a function in the place of the one before once the library calls that no more.
    template <typename Function, typename Register>
    int32_t exchange(std::unique_ptr<Function> functions::*place, Function given, Register set) const {
        // Found out first: called by such a function, this would wait for the end of its own caller.
        if (okta_auth_cancel(0, 0) == OKTA_AUTH_REENTERED)
            return OKTA_AUTH_REENTERED;
        if (!called_)
            return OKTA_AUTH_INVALID_HANDLE;
        auto next = given ? std::make_unique<Function>(std::move(given)) : nullptr;
        const std::lock_guard<std::mutex> alone(called_->mutex);
        const int32_t status = set(next.get());
        if (status == 0)
            ((*called_).*place).swap(next);
        return status;
    }

    static int32_t audited(void *user_data, const char *line, size_t line_len) noexcept {
        try {
            return (*static_cast<const audit_function *>(user_data))(std::string_view(line, line_len)) ? 0 : 1;
        } catch (...) {
            return 1;
        }
    }

    static void logged(void *user_data, int32_t level, const char *record, size_t record_len) noexcept {
        try {
            (*static_cast<const log_function *>(user_data))(level, std::string_view(record, record_len));
        } catch (...) {
            // There is nobody to tell.
        }
    }

    /// Ends a login of a user who has no push: the password alone is no login.
    result<answer> without_push(const std::string &id, std::string_view why) const {
        const std::string code = unquoted(answer::member_of(why, "code")), text = unquoted(answer::member_of(why, "text"));
        (void)try_cancel_transaction(id);
        return result<answer>(okta_auth::error(400, code.empty() ? "factor_unavailable" : code, text));
    }

    /// What ends an object after members of its own: those of another object, and the brace.
    static std::optional<std::string> members_and_brace(std::string_view object) {
        const std::size_t first = object.find_first_not_of(" \t\r\n"), last = object.find_last_not_of(" \t\r\n");
        if (first == object.npos || first == last || object[first] != '{' || object[last] != '}')
            return std::nullopt;
        const std::string inside(object.substr(first + 1, last - first - 1));
        return (inside.find('"') == inside.npos ? inside : "," + inside) + "}";
    }

    /// Whether a transaction goes on after this: Okta asks to slow down, or its answer was lost.
    static bool goes_on(const okta_auth::error &error) noexcept {
        const auto challenge = answer::member_of(answer::member_of(error.body(), "data"), "challenge");
        return (error.status() == 429 || error.status() == 503) && !challenge.empty() && challenge.front() == '{';
    }

    /// What was there under a lower ABI number keeps its meaning, so a higher one will do.
    static bool fits() noexcept {
        const uint32_t abi = okta_auth_abi_version();
        return abi > OKTA_AUTH_ABI_VERSION ||
               (abi == OKTA_AUTH_ABI_VERSION && okta_auth_header_checksum() == UINT64_C(0x0272195815e5dd15));
    }

    static std::string misfit() {
        const uint32_t abi = okta_auth_abi_version();
        return "the library that was loaded is version " + std::string(okta_auth_version()) + " (ABI " +
               std::to_string(abi) + "), this program was built for version " OKTA_AUTH_VERSION " (ABI " +
               std::to_string(OKTA_AUTH_ABI_VERSION) + ")" +
               (abi == OKTA_AUTH_ABI_VERSION ? " with other declarations" : "");
    }

    okta_auth_handle handle_;
    std::unique_ptr<functions> called_;
};

} // namespace okta_auth

#endif
