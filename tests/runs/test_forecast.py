"""How long a run will take."""

from __future__ import annotations

from typing import get_args

import pytest

from vgpt_probe.probes import Battery
from vgpt_probe.runs.forecast import duration, forecast
from vgpt_probe.runs.records import Mode, RunModel, Snapshot
from vgpt_probe.runs.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "x.db")


def _run(store, *models, **options):
    snapshot = Snapshot("b", "c", tuple(RunModel(name, name, "f") for name in models), **options)
    return store.create_run(Battery("b", "", (), "b"), snapshot)


def test_without_a_run_it_is_a_rough_estimate_by_size(store, make_workspace):
    models = make_workspace().models()
    one, all_of_them = forecast(store, models[:1], 100), forecast(store, models, 100)
    assert not one.measured and 0 < one.seconds < all_of_them.seconds
    assert (
        forecast(store, models, 100, exact=True).seconds
        > all_of_them.seconds
        > forecast(store, models, 100, mode="score").seconds
    )
    assert "rough estimate" in one.told


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_mode_has_an_estimate(store, make_workspace, mode):
    assert forecast(store, make_workspace().models(), 100, mode=mode).seconds > 0


def test_runs_of_the_same_models_and_mode_are_the_measure(store, make_workspace):
    models = make_workspace().models()
    store.keep_session(_run(store, "sft", "dpo_v1", "dpo_v2"), 100, 50.0)
    store.keep_session(_run(store, "sft", "dpo_v1", "dpo_v2", mode="score"), 100, 1.0)
    store.keep_session(_run(store, "sft", "dpo_v1", "dpo_v2"), 3, 99.0)
    found = forecast(store, models, 100)
    assert (found.measured, found.answers, found.seconds) == (True, 300, 150.0)
    assert "as earlier runs went" in found.told
    store.keep_session(_run(store, "other"), 100, 1.0)
    assert forecast(store, models, 100).seconds == 150.0


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "about 1 second"),
        (45, "about 45 seconds"),
        (170, "about 3 minutes"),
        (7200, "about 2 hours"),
        (200_000, "about 2 days"),
    ],
)
def test_times_are_said_as_people_say_them(seconds, told):
    assert duration(seconds) == told
