"""An ONNX runtime for MLServer, which has none of its own."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from serving import Model


class OnnxRuntime(MLModel):
    async def load(self):
        self.model = Model(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        outputs = [
            NumpyCodec.encode_output(name, value) for name, value in zip(self.model.outputs, self.model.run(feeds))
        ]
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=outputs)
