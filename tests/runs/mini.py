"""Two tiny stages and a client for them: the machinery is tested without the rooms.

python mini.py CLIENT_FOLDER OUTPUTS [fresh] [kill-parent] [KEY=VALUE ...]     runs them in a process of its own
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import yaml

from cxlib.errors import CxError
from cxlib.runs.run import run_client
from cxlib.runs.stages import Stage, View

NOTEBOOKS = Path(__file__).resolve().parent / "notebooks" / "stages"

STAGES = (
    Stage(
        name="count",
        notebook="1_count.ipynb",
        settings=lambda params: {"min_answered": params.cleaning.min_answered},
        hangs_on=lambda params: params.model_dump(mode="json", include={"data", "cleaning"}),
        leaves=("ledger.csv", "intake.json"),
        reads_survey=True,
    ),
    Stage(
        name="tell",
        notebook="2_tell.ipynb",
        settings=lambda params: {"q": params.analysis.q, "seed": params.analysis.seed},
        hangs_on=lambda params: params.model_dump(mode="json"),
        leaves=("drivers.csv",),
        reads=("ledger.csv",),
        reads_actions=True,
    ),
)
# Two that read the same and not each other.
ALSO = Stage(
    name="also",
    notebook="3_also.ipynb",
    settings=lambda params: {"seed": params.analysis.seed},
    hangs_on=lambda params: params.model_dump(mode="json", include={"analysis"}),
    leaves=("change.csv",),
    reads=("ledger.csv",),
)
WIDE = (*STAGES, ALSO)

VIEWS = (View("views/page.ipynb"),)

PARAMS = {
    "client": "mini",
    "title": {"vi": "Nhỏ", "en": "Small"},
    "data": {"responses": "survey.csv"},
    "outcomes": {"referral": {"column": "r", "scale": [0, 10], "label": {"vi": "giới thiệu", "en": "recommend"}}},
    "factors": {
        "wait": {"column": "w", "scale": [1, 5], "label": {"vi": "chờ", "en": "wait"}},
        "help": {"column": "h", "scale": [1, 5], "label": {"vi": "giúp", "en": "help"}},
    },
}


def write_client(folder: Path) -> Path:
    """A client's folder with ten rows."""
    client = folder / "params" / "mini"
    client.mkdir(parents=True)
    (client / "params.yaml").write_text(yaml.safe_dump(PARAMS, allow_unicode=True, sort_keys=False), encoding="utf-8")
    rows = "".join(f"{row % 11},{row % 5 + 1},{row % 4 + 1}\n" for row in range(10))
    (client / "survey.csv").write_text("r,w,h\n" + rows, encoding="utf-8")
    return client


def run_mini(client: Path, outputs: Path, **more):
    """Run the two stages."""
    return run_client(client, outputs=outputs, **{"stages": STAGES, "views": VIEWS, "notebooks": NOTEBOOKS} | more)


def tell(step) -> None:
    """Say what happens; kill the warm parent after the first stage where that is asked for."""
    print(step.state, flush=True)
    if "kill-parent" in sys.argv and (step.stage, step.state) == ("count", "done"):
        from cxlib.kernels import parents

        for parent in parents._parents.values():
            parent.process.kill()
            parent.process.wait()


if __name__ == "__main__":
    # A shell that starts the tests in the background hands on that Ctrl+C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        words = [word for word in sys.argv[3:] if "=" in word]
        changes = {key: yaml.safe_load(value) for key, value in (word.split("=") for word in words)}
        done = run_mini(
            Path(sys.argv[1]),
            Path(sys.argv[2]),
            changes=changes,
            fresh="fresh" in sys.argv,
            progress=tell,
        )
        print(done.folder.name)
    except CxError as error:
        sys.exit(str(error))
