"""What a client asks: `params.yaml`, read into one typed, frozen model."""

from cxlib.params.load import load_params, params_from, read_yaml
from cxlib.params.model import Factor, Label, Outcome, Params, Question, Segment, project_file

__all__ = [
    "Factor",
    "Label",
    "Outcome",
    "Params",
    "Question",
    "Segment",
    "load_params",
    "params_from",
    "project_file",
    "read_yaml",
]
