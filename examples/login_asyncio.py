"""Logs several users in at the same time, none of whom holds a thread while his phone is waited for.

python login_asyncio.py https://acme.okta.com ca.pem api-token password fred wilma ...
"""

import asyncio
import sys

import okta_auth


async def log_in(client: okta_auth.AsyncClient, username: str, password: str) -> None:
    def show(challenge: okta_auth.Challenge) -> None:
        print(f"{username}: tap {challenge.number}", flush=True)

    try:
        # A minute for each; the login is cancelled after it, and Okta is told.
        login = client.login(username, password, on_challenge=show)
        answer = await asyncio.wait_for(login, timeout=60)
        print(f"{username}: {answer.auth.policies}")
    except (
        okta_auth.LoginFailed,
        okta_auth.Unavailable,
        asyncio.TimeoutError,
    ) as refused:
        print(f"{username}: no: {refused}")


async def main(url: str, ca_file: str, api_token: str, password: str, *usernames: str) -> None:
    async with okta_auth.AsyncClient(ca_file=ca_file) as client:
        await client.configure(org_url=url, api_token=api_token)
        await asyncio.gather(*(log_in(client, username, password) for username in usernames))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
