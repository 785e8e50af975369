"""The whole way of a guest by the official SDK of Microsoft Graph for Python, unmodified.

Its only peculiarity is the address: names of the tests lead to this machine.
"""

import asyncio
import os
import socket
import ssl
import sys

import httpx
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator, BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.identity.conditional_access.evaluate.evaluate_post_request_body import EvaluatePostRequestBody
from msgraph.generated.models.application_context import ApplicationContext
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.invited_user_message_info import InvitedUserMessageInfo
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.sign_in_conditions import SignInConditions
from msgraph.generated.models.user import User
from msgraph.generated.models.user_sign_in import UserSignIn
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import GraphClientFactory
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

BASE, TOKEN, CA, APP = os.environ["BASE"], os.environ["TOKEN"], os.environ["CA"], os.environ["APP"]

resolve = socket.getaddrinfo


def here(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if name and name.endswith(".example.test") else host, *rest, **more)


socket.getaddrinfo = here


class Token(AccessTokenProvider):
    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return TOKEN

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client(token=Token()):
    native = httpx.AsyncClient(verify=ssl.create_default_context(cafile=CA), timeout=60, base_url=BASE + "/v1.0")
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(token), GraphClientFactory.create_with_default_middleware(client=native))
    adapter.base_url = BASE + "/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def asking(**parameters):
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(**parameters)
    return RequestConfiguration(query_parameters=query)


def invitation(address, **more):
    return Invitation(invited_user_email_address=address, invite_redirect_url=APP, **more)


async def refused(call, status):
    try:
        await call
    except ODataError as error:
        assert error.response_status_code == status, (error.response_status_code, error)
        assert error.error.code and error.error.message and error.error.inner_error.request_id, error
        return error.error
    raise AssertionError(f"nothing was refused; {status} was expected")


async def main():
    graph = client()

    # Create: without and with a mail, with a name, a word and a language.
    first = await graph.invitations.post(invitation("ann@partner.example", invited_user_display_name="Ann"))
    assert first.status == "PendingAcceptance" and first.invite_redeem_url.startswith(BASE), first
    copy = Recipient(email_address=EmailAddress(address="boss@partner.example", name="The boss"))
    info = InvitedUserMessageInfo(customized_message_body="Welcome, Bob", message_language="de-DE", cc_recipients=[copy])
    bob = await graph.invitations.post(invitation("bob@partner.example", send_invitation_message=True, invited_user_message_info=info))
    assert bob.send_invitation_message and bob.invited_user.id
    again = await graph.invitations.post(invitation("ann@partner.example", invited_user_display_name="Ann"))
    assert again.invited_user.id == first.invited_user.id, "one person keeps one id"
    wrong = Invitation(invited_user_email_address="x@partner.example", invite_redirect_url="https://elsewhere.example")
    error = await refused(graph.invitations.post(wrong), 400)
    assert error.code == "BadRequest", error

    # The guest that the test has let in beforehand.
    eve = await graph.users.by_user_id("eve@partner.example").get()
    assert eve.external_user_state == "Accepted" and eve.account_enabled and eve.user_type == "Guest", eve
    pending = await graph.users.by_user_id(first.invited_user.id).get()
    assert pending.external_user_state == "PendingAcceptance" and pending.display_name == "Ann", pending

    # List: filter, select, top, count, pages.
    guests = await graph.users.get(request_configuration=asking(filter="userType eq 'Guest'", count=True, top=1, select=["id", "mail"]))
    assert guests.odata_count == 3 and len(guests.value) == 1 and guests.odata_next_link.startswith(BASE), guests
    seen = []
    await PageIterator(guests, graph.request_adapter).iterate(lambda user: seen.append(user.mail) or True)
    assert sorted(seen) == ["ann@partner.example", "bob@partner.example", "eve@partner.example"], seen
    one = await graph.users.get(request_configuration=asking(filter="mail eq 'bob@partner.example' and userType eq 'Guest'"))
    assert [user.id for user in one.value] == [bob.invited_user.id], one
    await refused(graph.users.get(request_configuration=asking(filter="department eq 'x'")), 400)
    await refused(graph.users.by_user_id("nobody@partner.example").get(), 404)

    # Disable, enable, sign out, delete, restore.
    user = graph.users.by_user_id(eve.id)
    await user.patch(User(account_enabled=False))
    assert (await user.get()).account_enabled is False
    await user.patch(User(account_enabled=True))
    assert (await user.revoke_sign_in_sessions.post()).value is True
    await user.delete()
    await refused(user.get(), 404)
    restored = await graph.directory.deleted_items.by_directory_object_id(eve.id).restore.post()
    assert restored.id == eve.id
    assert (await user.get()).mail == "eve@partner.example"

    # Reset of what was redeemed: the same person, invited anew.
    reset = await graph.invitations.post(invitation("eve@partner.example", reset_redemption=True, invited_user=User(id=eve.id)))
    assert reset.invited_user.id == eve.id and reset.reset_redemption

    # Policies, networks, and what they would decide.
    access = graph.identity.conditional_access
    policies = await access.policies.get()
    named = {policy.display_name: policy for policy in policies.value}
    assert named["abroad"].state.value == "enabled" and named["abroad"].id, named
    locations = await access.named_locations.get()
    assert locations.value[0].display_name == "office" and locations.value[0].ip_ranges[0].cidr_address == "192.0.2.0/24", locations
    body = EvaluatePostRequestBody(
        sign_in_identity=UserSignIn(user_id=eve.id),
        sign_in_context=ApplicationContext(include_applications=["charts"]),
        sign_in_conditions=SignInConditions(country="FR", ip_address="198.51.100.7"),
    )
    results = await access.evaluate.post(body)
    applied = {result.display_name: result.policy_applies for result in results.value}
    assert applied["abroad"] is True, applied

    sign_ins = await graph.audit_logs.sign_ins.get()
    assert any(entry.user_id == eve.id for entry in sign_ins.value), sign_ins

    # Several at once; one of them is refused, and so is what depends on it.
    asked = [
        BatchRequestItem(graph.users.by_user_id(eve.id).to_get_request_information(), id="1"),
        BatchRequestItem(graph.invitations.to_post_request_information(invitation("dan@partner.example")), id="2", depends_on=["1"]),
        BatchRequestItem(graph.users.by_user_id("nobody@partner.example").to_get_request_information(), id="3"),
    ]
    answered = await graph.batch.post(BatchRequestContent({item.id: item for item in asked}))
    assert answered.get_response_status_codes() == {"1": 200, "2": 201, "3": 404}, answered.get_response_status_codes()
    # This version of the SDK does not hand out bodies that are objects, as Graph's are, too.
    assert (await graph.users.by_user_id("dan@partner.example").get()).external_user_state == "PendingAcceptance"

    class Wrong(Token):
        async def get_authorization_token(self, uri, additional_authentication_context={}):
            return "ggt_wrong"

    error = await refused(client(Wrong()).users.get(), 401)
    assert error.code == "InvalidAuthenticationToken", error
    print("done")


asyncio.run(main())
sys.exit(0)
