"""Does with hvac, a client of Vault's, what an operator and a user do, without a Vault. Needs okta_auth[hvac].

python hvac_login.py https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD
"""

import sys

import hvac
import okta_auth
from okta_auth.hvac import InProcessAdapter, Okta


def main(url: str, ca_file: str, database: str, api_token: str, password: str) -> None:
    with okta_auth.Client(database, ca_file=ca_file) as client:
        token = client.create_token(policies=["root"]).auth.client_token
        vault = hvac.Client(token=token, adapter=InProcessAdapter.of(client))
        okta = Okta(vault.adapter)

        vault.write_data("auth/okta/config", data={"org_url": url, "api_token": api_token})
        okta.register_user("fred", policies=["dev"], groups=["on-call"])
        okta.register_group("on-call", policies=["ops"])

        okta.login("fred", password, on_challenge=lambda number: print("In Okta Verify, tap", number, flush=True))
        print(vault.auth.token.lookup_self()["data"]["policies"])
        vault.auth.token.revoke_self()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit("usage: hvac_login.py ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD")
    main(*sys.argv[1:])
