"""Logs fred in with a push that shows a number, and looks his token up.

python login.py https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD
"""

import sys

import okta_auth


def show(challenge: okta_auth.Challenge) -> None:
    action = "confirm" if challenge.number is None else f"tap {challenge.number}"
    print(f"On {challenge.factor.name or 'your phone'}, {action}", flush=True)


def main(url: str, ca_file: str, database: str, api_token: str, password: str) -> None:
    with okta_auth.Client(database, ca_file=ca_file) as client:
        client.configure(org_url=url, api_token=api_token)
        client.register_user("fred", policies=["dev"], groups=["on-call"])
        client.register_group("on-call", policies=["ops"])
        try:
            auth = client.login("fred", password, on_challenge=show).auth
        except okta_auth.LoginFailed as refused:
            sys.exit(f"no: {refused}")
        print(auth.accessor, auth.policies, f"{auth.lease_duration} s")
        print(client.lookup_token(auth.client_token).data["display_name"])


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit("usage: login.py ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD")
    main(*sys.argv[1:])
