"""Uses the service through the gateway. Arguments: the gateway's port, its certificate, the host, the session's cookie, the guest."""

import queue
import sys

import grpc

port, certificate, host, cookie, guest = sys.argv[1:]


def check(condition, claim):
    if not condition:
        sys.exit(f"does not hold: {claim}")
    print(f"ok {claim}")


credentials = grpc.ssl_channel_credentials(open(certificate, "rb").read())
options = [
    ("grpc.ssl_target_name_override", host),
    ("grpc.default_authority", f"{host}:{port}"),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)
session = (("cookie", cookie),)


def method(kind, name):
    call = getattr(channel, kind)(f"/test.Service/{name}")
    return lambda *arguments, **more: call(*arguments, metadata=session, timeout=more.pop("timeout", 20), **more)


check(method("unary_unary", "Who")(b"") == guest.encode(), "the service is told who asks")
for size in (0, 1, 16_384, 3_000_000):
    message = bytes(n % 251 for n in range(1_000)) * (size // 1_000) + b"x" * (size % 1_000)
    check(method("unary_unary", "Unary")(message) == message, f"a message of {size} bytes comes back")
with_call = channel.unary_unary("/test.Service/Unary").with_call
_, call = with_call(b"m", metadata=session, timeout=20)
check(dict(call.initial_metadata()).get("x-initial") == "first", "metadata come before")
check(dict(call.trailing_metadata()) == {"x-trailing": "last", "x-binary-bin": b"\x00\xff"}, "and behind the answer")
try:
    method("unary_unary", "Fails")(b"")
    check(False, "a failure is an exception")
except grpc.RpcError as error:
    check(error.code() == grpc.StatusCode.FAILED_PRECONDITION, "the status of a failure arrives")
    check(error.details() == "it fails: ünïcödé %", "and its message")
    check(("x-why", "asked for") in error.trailing_metadata(), "and its metadata")
try:
    method("unary_unary", "NoSuchMethod")(b"")
    check(False, "an unknown method is an exception")
except grpc.RpcError as error:
    check(error.code() == grpc.StatusCode.UNIMPLEMENTED, "an unknown method is unimplemented")
counted = list(method("unary_stream", "Counts")(b"100"))
check(counted == [str(n).encode() for n in range(100)], "a stream arrives in its order")
check(method("stream_unary", "Sums")(b"x" * n for n in range(200)) == b"19900", "a stream of requests is taken")


class Mirror:
    """Says the next thing only once the last was answered: nothing may be held back."""

    def __init__(self):
        self.queue = queue.Queue()
        self.queue.put(b"0")

    def __iter__(self):
        while (item := self.queue.get()) is not None:
            yield item


mirror = Mirror()
seen = []
for answer in method("stream_stream", "Echoes")(iter(mirror)):
    seen.append(answer)
    mirror.queue.put(str(len(seen)).encode() if len(seen) < 20 else None)
check(seen == [str(n).encode() for n in range(20)], "both sides speak in turn")
try:
    method("unary_unary", "Waits")(b"", timeout=1)
    check(False, "a deadline ends the call")
except grpc.RpcError as error:
    check(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, "a deadline ends the call")
try:
    channel.unary_unary("/test.Service/Unary")(b"", timeout=20)
    check(False, "nobody is let in without a session")
except grpc.RpcError as error:
    check(error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNKNOWN), f"nobody is let in without a session ({error.code()})")
