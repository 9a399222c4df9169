"""Bare ASGI + orjson + onnxruntime: no framework, no validation, nothing that Python could leave out."""

import numpy as np
import orjson

from serving import DATATYPES, NUMPY_TYPES, load_models, serve

models = load_models()
PREFIX = len("/v2/models/")
SUFFIX = len("/infer")


async def read_body(receive):
    message = await receive()
    if not message.get("more_body"):
        return message["body"]
    parts = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        parts.append(message["body"])
    return b"".join(parts)


def infer(name, body):
    request = orjson.loads(body)
    model = models[name]
    feeds = {t["name"]: np.array(t["data"], NUMPY_TYPES[t["datatype"]]).reshape(t["shape"]) for t in request["inputs"]}
    outputs = [
        {"name": output, "shape": value.shape, "datatype": DATATYPES[value.dtype.name], "data": value.ravel()}
        for output, value in zip(model.outputs, model.run(feeds))
    ]
    return orjson.dumps({"model_name": name, "outputs": outputs}, option=orjson.OPT_SERIALIZE_NUMPY)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    answer = b"{}" if scope["method"] == "GET" else infer(path[PREFIX:-SUFFIX], await read_body(receive))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    serve(app)
