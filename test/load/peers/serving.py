"""What the peers have in common: their models, run as one thread can run them best."""

import json
import os

import numpy as np
import onnxruntime as ort

NUMPY_TYPES = {"FP32": np.float32, "INT64": np.int64}
DATATYPES = {"float32": "FP32", "int64": "INT64"}


def load_session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Model:
    def __init__(self, path):
        self.session = load_session(path)
        self.outputs = [output.name for output in self.session.get_outputs()]

    def run(self, feeds):
        return self.session.run(self.outputs, feeds)


def load_models():
    """MODELS: a JSON object of paths by name."""
    return {name: Model(path) for name, path in json.loads(os.environ["MODELS"]).items()}


def port():
    return int(os.environ["PORT"])


def serve(app):
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=port(), loop="uvloop", http="httptools", log_level="warning", access_log=False)
