"""Asks as somebody does who only knows Triton's own clients, all four of them. Prints what came back as JSON."""

import asyncio
import json
import queue
import sys

import numpy as np
import tritonclient.grpc as tg
import tritonclient.grpc.aio as tga
import tritonclient.http as th
import tritonclient.http.aio as tha
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

http_url, grpc_url, key, expected_file, name = sys.argv[1:6]
# Given as copies: the clients add headers of their own.
headers = {"authorization": "Bearer " + key}
expected = json.load(open(expected_file))
dtypes = {
    "BOOL": np.bool_,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
    "BYTES": np.object_,
    **{f"{sign}INT{bits}": getattr(np, f"{sign.lower()}int{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    # Larger integers would not survive the reader of this report.
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def array_of(tensor):
    values = [v.encode() if isinstance(v, str) and tensor["datatype"] == "BYTES" else v for v in tensor["data"]]
    values = [int(v) if isinstance(v, str) else v for v in values]
    return np.array(values, dtype=dtypes[tensor["datatype"]]).reshape(tensor["shape"])


def inputs_of(module, how=lambda index: {}):
    inputs = []
    for index, tensor in enumerate(expected["inputs"]):
        one = module.InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        one.set_data_from_numpy(array_of(tensor), **how(index))
        inputs.append(one)
    return inputs


def values_of(result):
    said = {}
    for tensor in expected["outputs"]:
        array = result.as_numpy(tensor["name"])
        said[tensor["name"]] = None if array is None else [plain(v) for v in array.flatten().tolist()]
    return said


def outputs_of(module, **how):
    return [module.InferRequestedOutput(tensor["name"], **how) for tensor in expected["outputs"]]


def http_ways(module):
    """Arguments of `infer`, by what is tried with them."""
    binary = lambda index: {"binary_data": True}
    mixed = lambda index: {"binary_data": index % 2 == 0}
    text = lambda index: {"binary_data": False}
    has_half = any(tensor["datatype"] == "FP16" for tensor in expected["inputs"])
    ways = {
        "binary": (binary, {"outputs": outputs_of(module, binary_data=True)}),
        "no outputs named": (binary, {}),
        "binary, answered in JSON": (binary, {"outputs": outputs_of(module, binary_data=False)}),
        "gzip": (
            binary,
            {"request_compression_algorithm": "gzip", "response_compression_algorithm": "gzip"},
        ),
        "deflate": (
            binary,
            {"request_compression_algorithm": "deflate", "response_compression_algorithm": "deflate"},
        ),
    }
    if not has_half:
        ways["JSON"] = (text, {"outputs": outputs_of(module, binary_data=False)})
        ways["mixed"] = (mixed, {"outputs": outputs_of(module, binary_data=True)})
        ways["JSON, gzip"] = (text, {"request_compression_algorithm": "gzip"})
    return {way: {"inputs": inputs_of(module, how), **more} for way, (how, more) in ways.items()}


def grpc_ways(module):
    inputs = inputs_of(module)
    return {
        "named": {"inputs": inputs, "outputs": outputs_of(module)},
        "no outputs named": {"inputs": inputs},
        "gzip": {"inputs": inputs, "compression_algorithm": "gzip"},
        "deflate": {"inputs": inputs, "compression_algorithm": "deflate"},
    }


def broken_inputs(module):
    one = module.InferInput("nothing", [1], "FP32")
    one.set_data_from_numpy(np.zeros([1], dtype=np.float32))
    return [one]


def calls_of(client, module, ways, told):
    """Every call, the same on all clients: what it returns is looked at by `judge`."""
    calls = {
        "live": lambda: client.is_server_live(),
        "ready": lambda: client.is_server_ready(),
        "model ready": lambda: client.is_model_ready(name, headers=dict(headers)),
        "server": lambda: client.get_server_metadata(**told),
        "model": lambda: client.get_model_metadata(name, headers=dict(headers), **told),
        "config": lambda: client.get_model_config(name, headers=dict(headers), **told),
        "stats": lambda: client.get_inference_statistics(name, headers=dict(headers), **told),
        "all stats": lambda: client.get_inference_statistics(headers=dict(headers), **told),
        "index": lambda: client.get_model_repository_index(headers=dict(headers), **told),
        "load": lambda: client.load_model(name, headers=dict(headers)),
        "load of nothing": lambda: client.load_model("nope", headers=dict(headers)),
        "load of its own": lambda: client.load_model(name, headers=dict(headers), config="{}"),
        "unload": lambda: client.unload_model(name, headers=dict(headers)),
        "unknown": lambda: client.get_model_metadata("nope", headers=dict(headers)),
        "unknown version": lambda: client.get_model_metadata(name, "99", headers=dict(headers)),
        "no key": lambda: client.get_model_metadata(name),
        "wrong input": lambda: client.infer(name, broken_inputs(module), headers=dict(headers)),
        "trace": lambda: client.get_trace_settings(headers=dict(headers)),
        "shared memory": lambda: client.get_system_shared_memory_status(headers=dict(headers)),
    }
    for way, arguments in ways.items():
        calls["infer: " + way] = lambda arguments=arguments: client.infer(
            name, headers=dict(headers), request_id="r-1", **arguments
        )
    classes = [t for t in expected["outputs"] if t["datatype"] == "FP32" and len(t["shape"]) == 2]
    for tensor in classes[:1]:
        wanted = [module.InferRequestedOutput(tensor["name"], class_count=2)]
        calls["classes"] = lambda: client.infer(name, inputs_of(module), outputs=wanted, headers=dict(headers))
    return calls


def judge(what, value):
    if what.startswith("infer: "):
        response = value.get_response()
        request_id = response["id"] if isinstance(response, dict) else response.id
        return {"id": request_id, "outputs": values_of(value)}
    if what == "classes":
        output = [t for t in expected["outputs"] if t["datatype"] == "FP32"][0]
        return [plain(v) for v in value.as_numpy(output["name"]).flatten().tolist()]
    return value


def failure(error):
    return {"failed": [str(error.status()), error.message()]}


def ask(calls):
    said = {}
    for what, call in calls.items():
        try:
            said[what] = judge(what, call())
        except InferenceServerException as error:
            said[what] = failure(error)
    return said


async def ask_async(calls):
    said = {}
    for what, call in calls.items():
        try:
            said[what] = judge(what, await call())
        except InferenceServerException as error:
            said[what] = failure(error)
    return said


def streamed(result, error):
    if error is not None:
        return {"failed": error.message()}
    response = result.get_response()
    final = response.parameters["triton_final_response"].bool_param
    return {"id": response.id, "final": final, "outputs": values_of(result)}


def stream():
    answers = queue.Queue()
    client = tg.InferenceServerClient(grpc_url)
    client.start_stream(callback=lambda result, error: answers.put(streamed(result, error)), headers=dict(headers))
    for index in range(6):
        inputs = broken_inputs(tg) if index == 3 else inputs_of(tg)
        client.async_stream_infer(name, inputs, request_id=str(index))
    got = [answers.get(timeout=20) for _ in range(6)]
    client.stop_stream()
    client.close()
    return got


async def stream_async():
    async def requests():
        for index in range(6):
            inputs = broken_inputs(tga) if index == 3 else inputs_of(tga)
            yield {"model_name": name, "inputs": inputs, "request_id": str(index)}

    async with tga.InferenceServerClient(grpc_url) as client:
        return [streamed(*answer) async for answer in client.stream_infer(requests(), headers=dict(headers))]


async def ask_async_clients():
    async with tha.InferenceServerClient(http_url) as client:
        http = await ask_async(calls_of(client, tha, http_ways(tha), {}))
    async with tga.InferenceServerClient(grpc_url) as client:
        grpc = await ask_async(calls_of(client, tga, grpc_ways(tga), {"as_json": True}))
    return {"http.aio": http, "grpc.aio": {**grpc, "stream": await stream_async()}}


http_client = th.InferenceServerClient(http_url)
grpc_client = tg.InferenceServerClient(grpc_url)
report = {
    "http": ask(calls_of(http_client, th, http_ways(th), {})),
    "grpc": {**ask(calls_of(grpc_client, tg, grpc_ways(tg), {"as_json": True})), "stream": stream()},
    **asyncio.run(ask_async_clients()),
}
print(json.dumps(report, default=str))
