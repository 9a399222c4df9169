"""Trains the kind of weather from a day's measurements with scikit-learn, and writes it for Baton.

    python train.py --data seattle-weather.csv --out model --until 2015-01-01

Writes model.onnx (input `features` FP32 [N, 4]; outputs `label` string [N] and `probabilities` FP32 [N, classes]),
metrics.json and reference.csv, like the Node trainer beside it.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FEATURES = ["precipitation", "temp_max", "temp_min", "wind"]
WINTER = {"12", "01", "02"}
TEST_EVERY = 5


def winter_days(path: Path, until: str) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        days = list(csv.DictReader(file))
    return [day for day in days if day["date"] < until and day["date"][5:7] in WINTER]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="seattle-weather.csv of the npm package vega-datasets")
    parser.add_argument("--out", type=Path, default=Path("model"), help="folder for the three files")
    parser.add_argument("--until", default="2015-01-01", help="train on winter days before this one")
    args = parser.parse_args()

    days = winter_days(args.data, args.until)
    rows = np.array([[float(day[name]) for name in FEATURES] for day in days], dtype=np.float32)
    labels = np.array([day["weather"] for day in days])
    test = np.arange(len(days)) % TEST_EVERY == 0

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(rows[~test], labels[~test])
    predicted = model.predict(rows)
    classes, counts = np.unique(labels[~test], return_counts=True)
    metrics = {
        "accuracy": accuracy_score(labels[test], predicted[test]),
        "log_loss": log_loss(labels[test], model.predict_proba(rows[test]), labels=classes),
        "baseline_accuracy": accuracy_score(labels[test], [classes[counts.argmax()]] * int(test.sum())),
        "train_rows": int((~test).sum()),
        "test_rows": int(test.sum()),
    }

    # Plain probabilities: with zipmap they would be a sequence of maps, which no tensor protocol can carry.
    onnx = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
        options={"zipmap": False},
        target_opset={"": 21, "ai.onnx.ml": 3},
    )
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "model.onnx").write_bytes(onnx.SerializeToString())
    (args.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    with (args.out / "reference.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*FEATURES, "label", "prediction", "split"])
        for row, label, guess, is_test in zip(rows, labels, predicted, test):
            writer.writerow([*(f"{value:g}" for value in row), label, guess, "test" if is_test else "train"])
    print(json.dumps(metrics))


if __name__ == "__main__":
    main()
