#!/usr/bin/env python3
"""Invites a partner's guest from what a form on your website sends.

Standard input is the form as browsers send it (application/x-www-form-urlencoded): email, name, company.
The environment says where and with what: GUESTGATE_URL, GUESTGATE_TOKEN, APP, and GUESTGATE_CA where the
gateway's certificate is of an authority of your own. Prints the id and the link of the invitation as JSON.
"""

import hashlib
import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request


def invitation(form: dict[str, str]) -> dict:
    """What the gateway is asked for."""
    missing = [field for field in ("email", "name", "company") if not form.get(field)]
    if missing:
        sys.exit(f"the form lacks: {', '.join(missing)}")
    return {
        "email": form["email"],
        "name": form["name"],
        "attributes": {"company": [form["company"]]},
        "apps": [{"app": os.environ["APP"], "access_for": "30d"}],
    }


def post(path: str, body: dict) -> dict:
    """Asks the gateway. Sent twice, it is done once: the key is made of what is asked."""
    text = json.dumps(body, sort_keys=True).encode()
    request = urllib.request.Request(os.environ["GUESTGATE_URL"].rstrip("/") + path, data=text, method="POST")
    request.add_header("Authorization", "Bearer " + os.environ["GUESTGATE_TOKEN"])
    request.add_header("Content-Type", "application/json")
    request.add_header("Idempotency-Key", hashlib.sha256(text).hexdigest())
    trusted = ssl.create_default_context(cafile=os.environ.get("GUESTGATE_CA"))
    try:
        with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        problem = json.load(refused)
        sys.exit(f"{problem['title']}: {problem.get('detail', '')}")


def main() -> None:
    form = {name: values[0].strip() for name, values in urllib.parse.parse_qs(sys.stdin.read()).items()}
    made = post("/api/v1/invitations", invitation(form))
    json.dump({"id": made["id"], "redeem_url": made["redeem_url"], "status": made["status"]}, sys.stdout)


if __name__ == "__main__":
    main()
