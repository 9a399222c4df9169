"""Python's grpc.aio + onnxruntime, with raw tensors."""

import grpc
import numpy as np
import uvloop
from tritonclient.grpc import service_pb2, service_pb2_grpc

from serving import DATATYPES, NUMPY_TYPES, load_models, port

models = load_models()


class Servicer(service_pb2_grpc.GRPCInferenceServiceServicer):
    async def ServerReady(self, request, context):
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelInfer(self, request, context):
        model = models[request.model_name]
        feeds = {
            tensor.name: np.frombuffer(raw, NUMPY_TYPES[tensor.datatype]).reshape(tensor.shape)
            for tensor, raw in zip(request.inputs, request.raw_input_contents)
        }
        response = service_pb2.ModelInferResponse(model_name=request.model_name, id=request.id)
        for name, value in zip(model.outputs, model.run(feeds)):
            response.outputs.add(name=name, datatype=DATATYPES[value.dtype.name], shape=value.shape)
            response.raw_output_contents.append(value.tobytes())
        return response


async def main():
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Servicer(), server)
    server.add_insecure_port(f"127.0.0.1:{port()}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main())
