"""The way in of an agent that knows nothing but the address: discovery, registration, a person's consent, tokens, and a new
token when one has ended, all by the official Python client's own OAuth.

    venv/bin/python oauth.py legacy|auto|2026-07-28 URL      agents have to be allowed to register themselves
"""

import asyncio
import html
import re
import sys
import uuid
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

MODE, URL = sys.argv[1:]
CALLBACK = "http://127.0.0.1:9/callback"


class Kept:
    """What the client keeps between its steps."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Person:
    """Somebody with a browser."""

    asked = 0

    async def consent(self, url):
        """Makes an account where this address is, reads what is asked there, and says yes."""
        self.asked += 1
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        async with httpx2.AsyncClient(base_url=origin, headers={"origin": origin}) as browser:
            account = {"email": f"{uuid.uuid4()}@example.com", "password": "correct horse 1", "name": "Ada"}
            answer = await browser.post("/api/auth/sign-up/email", json=account)
            assert answer.status_code == 200, answer.text
            page = await browser.get(url)
            assert page.status_code == 200, page.text
            fields = dict(re.findall(r'name="(csrf|request)" value="([^"]*)"', page.text))
            form = {name: html.unescape(value) for name, value in fields.items()}
            answer = await browser.post("/oauth/authorize", data=form | {"access": "write", "answer": "yes"})
            assert answer.status_code == 200, answer.text
            self.back = answer.headers["refresh"].removeprefix("0;url=")

    async def callback(self):
        """What the address says that the person was sent back to."""
        assert self.back.startswith(CALLBACK), self.back
        said = {name: values[0] for name, values in parse_qs(urlsplit(self.back).query).items()}
        return AuthorizationCodeResult(code=said["code"], state=said["state"], iss=said["iss"])


async def main() -> None:
    person, kept = Person(), Kept()
    agent = OAuthClientMetadata(
        client_name="An agent of the tests", redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    )

    def beginning():
        return OAuthClientProvider(URL, agent, kept, person.consent, person.callback)

    async def add(title, auth):
        async with create_mcp_http_client(auth=auth) as http:
            async with Client(streamable_http_client(URL, http_client=http), mode=MODE) as client:
                result = await client.call_tool("add_task", {"title": title})
                assert not result.is_error and title in result.content[0].text, result

    # Without a token the client finds the way by itself.
    auth = beginning()
    await add("Let in", auth)
    assert person.asked == 1

    # A token that has ended is exchanged without asking anybody.
    old = kept.tokens
    auth.context.token_expiry_time = 1
    await add("Let in again", auth)
    assert person.asked == 1
    assert kept.tokens.access_token != old.access_token
    assert kept.tokens.refresh_token != old.refresh_token

    # The new one is good for another beginning.
    await add("Known already", beginning())
    assert person.asked == 1


asyncio.run(main())
