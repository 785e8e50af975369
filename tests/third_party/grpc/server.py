"""A gRPC service that knows nothing of the gateway: bytes in, bytes out, in all four shapes. Prints its port."""

import sys
import time
from concurrent import futures

import grpc


def unary(request, context):
    context.send_initial_metadata((("x-initial", "first"),))
    context.set_trailing_metadata((("x-trailing", "last"), ("x-binary-bin", b"\x00\xff")))
    return request


def fails(request, context):
    context.set_trailing_metadata((("x-why", "asked for"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "it fails: ünïcödé %")


def counts(request, context):
    for n in range(int(request)):
        yield str(n).encode()


def sums(requests, context):
    return str(sum(len(r) for r in requests)).encode()


def echoes(requests, context):
    for request in requests:
        yield request


def waits(request, context):
    while context.is_active():
        time.sleep(0.05)
    print("gone", flush=True)
    return request


def who(request, context):
    return dict(context.invocation_metadata()).get("x-forwarded-email", "nobody").encode()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
handlers = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "Fails": grpc.unary_unary_rpc_method_handler(fails),
    "Waits": grpc.unary_unary_rpc_method_handler(waits),
    "Who": grpc.unary_unary_rpc_method_handler(who),
    "Counts": grpc.unary_stream_rpc_method_handler(counts),
    "Sums": grpc.stream_unary_rpc_method_handler(sums),
    "Echoes": grpc.stream_stream_rpc_method_handler(echoes),
}
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Service", handlers),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
sys.stdin.read()
