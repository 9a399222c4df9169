"""FastAPI + uvicorn + onnxruntime, as its documentation teaches to write it."""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from serving import DATATYPES, NUMPY_TYPES, load_models, serve

app = FastAPI()
models = load_models()


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class InferRequest(BaseModel):
    id: str | None = None
    inputs: list[Tensor]


class InferResponse(BaseModel):
    model_name: str
    id: str | None = None
    outputs: list[Tensor]


@app.get("/v2/health/ready")
async def ready():
    return {"ready": True}


@app.post("/v2/models/{name}/infer")
async def infer(name: str, request: InferRequest) -> InferResponse:
    model = models[name]
    feeds = {t.name: np.array(t.data, NUMPY_TYPES[t.datatype]).reshape(t.shape) for t in request.inputs}
    outputs = [
        Tensor(name=output, shape=value.shape, datatype=DATATYPES[str(value.dtype)], data=value.ravel().tolist())
        for output, value in zip(model.outputs, model.run(feeds))
    ]
    return InferResponse(model_name=name, id=request.id, outputs=outputs)


if __name__ == "__main__":
    serve(app)
